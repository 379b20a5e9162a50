import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Ranges that a feed or a webhook has no business with, from the IANA special-purpose registries (RFC 6890 and its updates):
 * this host, private networks, shared address space, loopback, link-local (cloud metadata lives there), documentation,
 * benchmarks, multicast, reserved; and the IPv6 forms that carry or translate to an IPv4 address.
 */
const REFUSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Everything outside global unicast 2000::/3 is refused as well. */
const REFUSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const refused = new BlockList();
for (const range of [...REFUSED_IPV4, ...REFUSED_IPV6]) addRange(refused, range);
const globalUnicast = new BlockList();
addRange(globalUnicast, '2000::/3');

function addRange(list: BlockList, range: string): void {
  const [address = '', prefix] = range.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  list.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
}

/** Whether an IP address (v4 or v6, without brackets) belongs to the public internet. Anything that is no address does not. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 4) return !refused.check(bare, 'ipv4');
  if (family === 6) return globalUnicast.check(bare, 'ipv6') && !refused.check(bare, 'ipv6');
  return false;
}

/** Addresses and names that may be reached although they are private: `AXISWATCH_ALLOW_ADDRESSES`. */
export interface AllowList {
  allowsAddress(address: string): boolean;
  /** By name, before it is resolved. */
  allowsHost(host: string): boolean;
}

/**
 * Reads entries such as `127.0.0.0/8`, `10.1.2.3`, `fd00::/8`, `feeds.intranet`, `*.intranet`. An allowed name may resolve to any
 * address. Entries that are neither are skipped: the settings check reports them.
 */
export function readAllowList(entries: string[]): AllowList {
  const ranges = new BlockList();
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const entry of entries
    .map((text) =>
      text
        .trim()
        .toLowerCase()
        .replace(/^\[|\]$/g, ''),
    )
    .filter((text) => text !== '')) {
    if (isRange(entry)) addRange(ranges, entry);
    else if (entry.startsWith('*.')) suffixes.push(entry.slice(1));
    else hosts.add(entry.replace(/\.$/, ''));
  }
  return {
    allowsAddress: (address) => {
      const bare = address.replace(/%.*$/, '');
      const family = isIP(bare);
      return family !== 0 && ranges.check(bare, family === 4 ? 'ipv4' : 'ipv6');
    },
    allowsHost: (host) => {
      const name = host.toLowerCase().replace(/\.$/, '');
      return hosts.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
    },
  };
}

/** Whether text is an IP address or a CIDR range. */
export function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
