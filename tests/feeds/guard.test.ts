import { lookup } from 'node:dns';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../core/errors.js';
import { isPublicAddress, readAllowList } from '../../feeds/addresses.js';
import { createFetchFeed } from '../../feeds/fetch.js';
import { checkUrl, createGuardedDispatcher } from '../../feeds/guard.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  return { ...dns, default: dns, lookup: vi.fn(dns.lookup) };
});

type Answers = Array<{ address: string; family: number }>;

/** Makes the resolver give these addresses, call after call. */
function answerNames(...answers: Answers[]): void {
  const fake = vi.mocked(lookup) as unknown as ReturnType<typeof vi.fn>;
  let call = 0;
  fake.mockImplementation((_name: string, _options: object, callback: (error: null, found: Answers) => void) =>
    callback(null, answers[Math.min(call++, answers.length - 1)]!),
  );
}

const v4 = (address: string) => ({ address, family: 4 });
let server: FeedServer;

beforeEach(async () => {
  server = await startFeedServer({ '/feed': { body: rssFeed([{ guid: '1' }]) } });
});
afterEach(async () => {
  vi.mocked(lookup).mockRestore();
  await server.close();
});

async function faultOf(url: string, allowAddresses: string[] = []): Promise<string> {
  const fetchFeed = createFetchFeed({ allowAddresses, userAgent: 'axiswatch/test' });
  const result = await fetchFeed({ url }, new AbortController().signal).catch((error: unknown) => error);
  if (!(result instanceof Failure)) return 'fetched';
  return `${result.reason} ${result.more.fault}`;
}

describe('row 22: addresses', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::1',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '100::1',
    'localhost',
    '',
    'not an address',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '169.253.1.1',
    '223.255.255.1',
    '2a00:1450:4001::1',
    '2606:4700::1111',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://①②⑦.0.0.1/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'data:text/xml,<rss/>',
    'http://example.org:22/',
    'http://example.org:5432/',
    'http://example.org:6379/',
  ])('%s is refused before anything is sent', (url) => {
    expect(() => checkUrl(new URL(url), readAllowList([]))).toThrow(Failure);
  });

  it.each(['https://example.org/feed', 'http://example.org:8080/', 'https://example.org:8443/', 'http://8.8.8.8/'])(
    '%s may be fetched',
    (url) => {
      expect(checkUrl(new URL(url), readAllowList([]))).toBeUndefined();
    },
  );
});

describe('row 22: at connect time', () => {
  it('a literal private address is refused, and nothing arrives there', async () => {
    expect(await faultOf(`${server.url}/feed`)).toBe('network refused-address');
    expect(server.requests).toEqual([]);
  });

  it('a name that resolves to a private address is refused', async () => {
    answerNames([v4('127.0.0.1')]);
    expect(await faultOf(`http://rebound.example:${server.port}/feed`)).toBe('network refused-address');
    expect(server.requests).toEqual([]);
  });

  it('a name that is half public, half private is refused', async () => {
    answerNames([v4('93.184.216.34'), v4('10.0.0.1')]);
    expect(await faultOf(`http://half.example:${server.port}/feed`)).toBe('network refused-address');
  });

  it('a name that changes its answer is checked with the answer that is connected to', async () => {
    answerNames([v4('127.0.0.1')], [v4('169.254.169.254')]);
    const fetchFeed = createFetchFeed({ allowAddresses: ['127.0.0.0/8'], userAgent: 'axiswatch/test' });
    server.routes['/feed'] = { headers: { Connection: 'close' }, body: 'x' };
    const signal = new AbortController().signal;
    const url = `http://rebound.example:${server.port}/feed`;
    expect((await fetchFeed({ url }, signal)).status).toBe(200);
    await expect(fetchFeed({ url }, signal)).rejects.toMatchObject({ more: { fault: 'refused-address' } });
  });

  it('every hop is checked: a public-looking start must not lead inside', async () => {
    answerNames([v4('127.0.0.1')]);
    server.routes['/start'] = { status: 302, headers: { Location: 'http://169.254.169.254/latest/meta-data/' } };
    expect(await faultOf(`http://feeds.example:${server.port}/start`, ['feeds.example'])).toBe(
      'network refused-address',
    );
    expect(server.paths()).toEqual(['/start']);
  });

  it('an allowed range, address or name may be reached; others stay refused', async () => {
    answerNames([v4('127.0.0.1')]);
    expect(await faultOf(`${server.url}/feed`, ['127.0.0.0/8'])).toBe('fetched');
    expect(await faultOf(`${server.url}/feed`, ['10.0.0.0/8', '127.0.0.1'])).toBe('fetched');
    expect(await faultOf(`http://feeds.intranet:${server.port}/feed`, ['feeds.intranet'])).toBe('fetched');
    expect(await faultOf(`http://a.intranet:${server.port}/feed`, ['*.intranet'])).toBe('fetched');
    expect(await faultOf(`http://localhost:${server.port}/feed`, ['127.0.0.0/8'])).toBe('fetched');
    expect(await faultOf(`http://other.intranet:${server.port}/feed`, ['feeds.intranet'])).toBe(
      'network refused-address',
    );
    expect(await faultOf(`${server.url}/feed`, ['127.0.0.2', '10.0.0.0/8'])).toBe('network refused-address');
  });

  it('of a name with several addresses only the allowed ones are used', async () => {
    answerNames([v4('10.0.0.1'), v4('127.0.0.1')]);
    expect(await faultOf(`http://mixed.example:${server.port}/feed`, ['127.0.0.0/8'])).toBe('fetched');
  });

  it('the dispatcher guards whoever uses it', async () => {
    const dispatcher = createGuardedDispatcher({ allow: [] });
    await expect(request(`${server.url}/feed`, { dispatcher })).rejects.toMatchObject({
      more: { fault: 'refused-address' },
    });
    expect(server.requests).toEqual([]);
    await dispatcher.close();
  });
});
