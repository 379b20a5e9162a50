import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../core/errors.js';
import type { FetchedFeed, FetchRequest } from '../../feeds/feed.js';
import { createFetchFeed, type FetchOptions } from '../../feeds/fetch.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';

// No name of a test leaves this machine.
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  return { ...dns, default: dns, lookup: vi.fn(dns.lookup) };
});

const UA = 'axiswatch/test (+https://example.org/contact)';
const FEED = rssFeed([{ guid: '1', title: 'One', link: 'https://example.org/1' }]);
const NOW = new Date('2026-11-24T12:00:00Z');
const servers: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...args: Parameters<typeof startFeedServer>): Promise<FeedServer> {
  const server = await startFeedServer(...args);
  servers.push(server);
  return server;
}

function fetcher(options: Partial<FetchOptions> = {}) {
  const fetchFeed = createFetchFeed({ allowAddresses: ['127.0.0.0/8'], userAgent: UA, now: () => NOW, ...options });
  return (request: FetchRequest | string, signal = new AbortController().signal) =>
    fetchFeed(typeof request === 'string' ? { url: request } : request, signal);
}

/** What went wrong, as plain data; a success is an error of the test. */
async function failure(promise: Promise<FetchedFeed>) {
  const error = await promise.then(
    (feed) => new Error(`expected a failure, got ${feed.kind} ${feed.status}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  const { status, fault, retryAfterSeconds } = error.more;
  return { reason: error.reason, fault, status, retryAfterSeconds, message: error.message };
}

const textOf = (feed: FetchedFeed) => Buffer.from(feed.body).toString('utf8');

describe('conditional requests', () => {
  it('row 1: sends both validators verbatim and takes 304 for an answer', async () => {
    const etag = 'W/"odd, but; ours" ';
    const server = await serve({ '/feed': { status: 304, headers: { ETag: '"new"' } } });
    const feed = await fetcher()({ url: `${server.url}/feed`, etag, lastModified: 'Tue,24 Nov 2026 1:00 GMT' });
    expect(server.requests[0]?.headers).toMatchObject({
      'if-none-match': etag.trim(),
      'if-modified-since': 'Tue,24 Nov 2026 1:00 GMT',
    });
    expect(feed).toMatchObject({
      kind: 'not-modified',
      status: 304,
      etag: '"new"',
      lastModified: 'Tue,24 Nov 2026 1:00 GMT',
    });
    expect(feed.body.byteLength).toBe(0);
  });

  it('row 2: a 200 gives both validators anew, and one that it lacks is gone', async () => {
    const server = await serve({ '/feed': { headers: { 'Last-Modified': 'yesterday' }, body: FEED } });
    const feed = await fetcher()({ url: `${server.url}/feed`, etag: '"old"' });
    expect(feed).toMatchObject({
      kind: 'body',
      status: 200,
      etag: null,
      lastModified: 'yesterday',
      finalUrl: `${server.url}/feed`,
    });
    expect(textOf(feed)).toBe(FEED);
  });

  it('row 3: the same ETag with a newer Last-Modified still gives the body', async () => {
    const server = await serve({ '/feed': { headers: { ETag: '"a"', 'Last-Modified': 'later' }, body: FEED } });
    const feed = await fetcher()({ url: `${server.url}/feed`, etag: '"a"', lastModified: 'earlier' });
    expect(feed).toMatchObject({ kind: 'body', etag: '"a"', lastModified: 'later' });
  });

  it('row 4: 304 to a request without validators is a fault of the server, not a success for ever', async () => {
    const server = await serve({ '/feed': { status: 304 } });
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({
      reason: 'server',
      fault: 'http',
      status: 304,
    });
  });

  it('row 7: freshness is max-age less Age, else Expires less Date, else unknown', async () => {
    const cases: Array<[Record<string, string>, number | null]> = [
      [{ 'Cache-Control': 'public, max-age=600', Age: '100' }, 500],
      [{ 'Cache-Control': 'no-cache' }, 0],
      [{ Expires: 'Tue, 24 Nov 2026 13:00:00 GMT', Date: 'Tue, 24 Nov 2026 12:30:00 GMT' }, 1800],
      [{ Expires: '0' }, 0],
      [{}, null],
    ];
    const server = await serve(Object.fromEntries(cases.map(([headers], i) => [`/${i}`, { headers, body: FEED }])));
    const fetchFeed = fetcher();
    const fresh = await Promise.all(cases.map(async (_, i) => (await fetchFeed(`${server.url}/${i}`)).freshSeconds));
    expect(fresh).toEqual(cases.map(([, seconds]) => seconds));
  });
});

describe('statuses', () => {
  it.each([
    [429, '120', 120],
    [503, '120', 120],
    [429, 'Tue, 24 Nov 2026 12:05:00 GMT', 300],
    [503, 'Tue, 24 Nov 2026 12:05:00 GMT', 300],
    [429, 'soon', 600],
    [503, 'soon', 600],
    [429, '-5', 600],
    [429, 'Tue, 24 Nov 2020 12:05:00 GMT', 600],
    [429, '99999999', 8 * 3600],
    [429, null, 600],
  ])('row 5: %i with Retry-After %s waits %i s', async (status, value, seconds) => {
    const server = await serve({ '/feed': { status, headers: value === null ? {} : { 'Retry-After': value } } });
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({
      reason: 'rate-limited',
      status,
      retryAfterSeconds: seconds,
    });
  });

  it.each([
    [503, 'server'],
    [500, 'server'],
    [401, 'client'],
    [403, 'client'],
    [404, 'client'],
    [451, 'client'],
  ])('row 13: HTTP %i is a fault of the %s', async (status, reason) => {
    const server = await serve({ '/feed': { status, body: 'no' } });
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({ reason, fault: 'http', status });
  });

  it('row 15: 410 is an answer of its own kind', async () => {
    const server = await serve({ '/feed': { status: 410, body: 'gone' } });
    expect(await fetcher()(`${server.url}/feed`)).toMatchObject({ kind: 'gone', status: 410, etag: null });
  });

  it('row 20: says honestly who asks, unless the source has its own', async () => {
    const server = await serve({ '/feed': { body: FEED } });
    await fetcher()(`${server.url}/feed`);
    await fetcher()({ url: `${server.url}/feed`, userAgent: 'other/1' });
    expect(server.requests.map(({ headers }) => headers['user-agent'])).toEqual([UA, 'other/1']);
  });

  it.each([
    ['the header', 403, { 'cf-mitigated': 'challenge' }, 'x'],
    ['the page', 503, { 'Retry-After': '5' }, '<html><head><title>Just a moment...</title>'],
    ['a compressed page', 403, { 'Content-Encoding': 'gzip' }, gzipSync('<title>Just a moment...</title>')],
  ])('row 20: a test for robots is known by %s', async (_, status, headers, body) => {
    const server = await serve({ '/feed': { status, headers: headers as Record<string, string>, body } });
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({
      reason: 'client',
      fault: 'bot-challenge',
      status,
    });
  });
});

describe('redirects', () => {
  it('row 14: a chain of 301 and 308 names its target as permanent', async () => {
    const server = await serve({
      '/a': { status: 301, headers: { Location: '/b' } },
      '/b': { status: 308, headers: { Location: '/feed' } },
      '/feed': { body: FEED },
    });
    expect(await fetcher()(`${server.url}/a`)).toMatchObject({
      kind: 'body',
      finalUrl: `${server.url}/feed`,
      permanentUrl: `${server.url}/feed`,
    });
  });

  it.each([302, 303, 307])('row 14: one HTTP %i in the chain makes it temporary', async (status) => {
    const server = await serve({
      '/a': { status: 301, headers: { Location: '/b' } },
      '/b': { status, headers: { Location: '/feed' } },
      '/feed': { body: FEED },
    });
    expect(await fetcher()(`${server.url}/a`)).toMatchObject({ finalUrl: `${server.url}/feed`, permanentUrl: null });
  });

  it('row 16: five redirects are followed, the sixth is refused', async () => {
    const server = await serve({ '/0': { body: FEED } });
    for (let i = 1; i <= 6; i++) server.routes[`/${i}`] = { status: 302, headers: { Location: `/${i - 1}` } };
    expect((await fetcher()(`${server.url}/5`)).status).toBe(200);
    expect(await failure(fetcher()(`${server.url}/6`))).toMatchObject({ reason: 'network', fault: 'refused-redirect' });
  });

  it('row 16: a circle is refused as soon as it closes', async () => {
    const server = await serve({
      '/a': { status: 302, headers: { Location: '/b' } },
      '/b': { status: 302, headers: { Location: '/a' } },
    });
    expect(await failure(fetcher()(`${server.url}/a`))).toMatchObject({ reason: 'network', fault: 'refused-redirect' });
    expect(server.paths()).toEqual(['/a', '/b']);
  });

  it('row 16: from https down to http is refused', async () => {
    const plain = await serve({ '/feed': { body: FEED } });
    const secure = await serve({ '/a': { status: 301, headers: { Location: `${plain.url}/feed` } } }, tls);
    expect(await failure(fetcher({ ca: tls.cert })(`${secure.url}/a`))).toMatchObject({
      reason: 'network',
      fault: 'refused-redirect',
    });
    expect(plain.requests).toEqual([]);
  });

  it('row 16: a password goes to its own origin only, and into no message', async () => {
    const other = await serve({ '/feed': { status: 500 } });
    const server = await serve({
      '/a': { status: 302, headers: { Location: '/b' } },
      '/b': { status: 302, headers: { Location: `${other.url}/feed` } },
    });
    const { message } = await failure(fetcher()(`http://user:s3cret@127.0.0.1:${server.port}/a`));
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Basic ${btoa('user:s3cret')}`),
    );
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(message).not.toContain('s3cret');
  });

  it.each(['ftp://127.0.0.1/x', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'row 22: a redirect to %s is refused',
    async (location) => {
      const server = await serve({ '/a': { status: 302, headers: { Location: location } } });
      expect(await failure(fetcher()(`${server.url}/a`))).toMatchObject({
        reason: 'network',
        fault: 'refused-address',
      });
    },
  );
});

describe('bodies', () => {
  it.each([
    ['gzip', gzipSync(FEED)],
    ['x-gzip', gzipSync(FEED)],
    ['br', brotliCompressSync(FEED)],
    ['deflate', deflateSync(FEED)],
    ['deflate', deflateRawSync(FEED)],
    ['identity', FEED],
    ['gzip, br', brotliCompressSync(gzipSync(FEED))],
  ])('row 19: decodes %s', async (encoding, body) => {
    const server = await serve({ '/feed': { headers: { 'Content-Encoding': encoding }, body } });
    const feed = await fetcher()(`${server.url}/feed`);
    expect(textOf(feed)).toBe(FEED);
    expect(feed.wireBytes).toBe(Buffer.from(body).byteLength);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip, br, deflate');
  });

  it('row 19: gzip without a header is known by its magic', async () => {
    const server = await serve({ '/feed': { body: gzipSync(FEED) } });
    expect(textOf(await fetcher()(`${server.url}/feed`))).toBe(FEED);
  });

  it('row 19: a plain body with a gzip header is read as it is', async () => {
    const server = await serve({ '/feed': { headers: { 'Content-Encoding': 'gzip' }, body: FEED } });
    expect(textOf(await fetcher()(`${server.url}/feed`))).toBe(FEED);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)(
    'row 19: a truncated %s keeps what inflates and is flagged, without validators',
    async (encoding, compress) => {
      const long = rssFeed(
        Array.from({ length: 300 }, (_, i) => ({
          guid: String(i * 7919),
          title: `Report number ${i * 31} of the day`,
        })),
      );
      const whole = compress(long);
      const server = await serve({
        '/feed': {
          headers: { 'Content-Encoding': encoding, ETag: '"cut"' },
          body: whole.subarray(0, Math.floor(whole.byteLength * 0.7)),
        },
      });
      const feed = await fetcher()(`${server.url}/feed`);
      expect(feed).toMatchObject({ kind: 'body', truncated: true, etag: null });
      expect(feed.body.byteLength).toBeGreaterThan(long.length / 3);
      expect(long.startsWith(textOf(feed))).toBe(true);
    },
  );

  it('row 19: damaged gzip is a decoding fault', async () => {
    const damaged = gzipSync(FEED);
    damaged.fill(0xff, 20, 40);
    const server = await serve({ '/feed': { headers: { 'Content-Encoding': 'gzip' }, body: damaged } });
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({ reason: 'malformed', fault: 'decode' });
  });

  it('row 17: the cap counts while streaming, whatever Content-Length says, and the socket goes', async () => {
    const server = await serve({
      '/feed': (_, response) => {
        response.writeHead(200, { 'content-type': 'text/xml' });
        const chunk = Buffer.alloc(64 * 1024, 0x20);
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      },
    });
    const fetchFeed = fetcher({ limits: { maxBodyBytes: 300_000 } });
    expect(await failure(fetchFeed(`${server.url}/feed`))).toMatchObject({ reason: 'too-large', fault: 'size' });
    await expect.poll(() => server.openSockets()).toBe(0);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
  ])('row 17: a %s bomb is refused by its decoded size', async (encoding, body) => {
    const server = await serve({ '/feed': { headers: { 'Content-Encoding': encoding }, body } });
    expect(body.byteLength).toBeLessThan(100_000);
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({ reason: 'too-large', fault: 'size' });
  });

  it('row 18: a slow drip ends at the deadline and its socket is destroyed', async () => {
    const server = await serve({
      '/feed': (_, response) => {
        response.writeHead(200, { 'content-type': 'text/xml' });
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      },
    });
    const fetchFeed = fetcher({ limits: { deadlineMs: 300 } });
    expect(await failure(fetchFeed(`${server.url}/feed`))).toMatchObject({ reason: 'timeout', fault: 'deadline' });
    await expect.poll(() => server.openSockets()).toBe(0);
  });

  it('row 18: headers that never come end at the same deadline', async () => {
    const server = await serve({ '/feed': () => {} });
    expect(await failure(fetcher({ limits: { deadlineMs: 200 } })(`${server.url}/feed`))).toMatchObject({
      reason: 'timeout',
      fault: 'deadline',
    });
    await expect.poll(() => server.openSockets()).toBe(0);
  });

  it('row 18: an abort ends the request and is passed on as it is', async () => {
    const stop = new AbortController();
    const server = await serve({
      '/feed': (_, response) => {
        response.writeHead(200);
        response.write('<rss>');
        stop.abort(new Error('cancelled by the operator'));
      },
    });
    await expect(fetcher()(`${server.url}/feed`, stop.signal)).rejects.toThrow('cancelled by the operator');
    await expect.poll(() => server.openSockets()).toBe(0);
  });

  it('row 29: a connection that is cut keeps what came', async () => {
    const server = await serve({
      '/feed': (_, response) => {
        response.writeHead(200, { 'Content-Length': '100000', ETag: '"a"' });
        response.write(FEED, () => response.destroy());
      },
    });
    const feed = await fetcher()(`${server.url}/feed`);
    expect(feed).toMatchObject({ kind: 'body', truncated: true, etag: null });
    expect(textOf(feed)).toBe(FEED);
  });
});

const tls = {
  key: readFileSync(new URL('../support/tls/key.pem', import.meta.url), 'utf8'),
  cert: readFileSync(new URL('../support/tls/cert.pem', import.meta.url), 'utf8'),
};
const expired = { ...tls, cert: readFileSync(new URL('../support/tls/expired.pem', import.meta.url), 'utf8') };

describe('faults of the network', () => {
  it('row 13: a refused connection and a reset are told apart', async () => {
    const closed = await startFeedServer();
    await closed.close();
    expect(await failure(fetcher()(closed.url))).toMatchObject({ reason: 'network', fault: 'connect' });
    expect(await failure(fetcher()('http://no-such-host.invalid/feed'))).toMatchObject({
      reason: 'network',
      fault: 'dns',
    });
    const server = await serve({ '/feed': (request) => void request.socket.destroy() });
    expect(await failure(fetcher()(`${server.url}/feed`))).toMatchObject({ reason: 'network', fault: 'reset' });
  });

  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'offline'],
  ])('row 13: a name that ends in %s is a fault of kind %s', async (code, fault) => {
    vi.mocked(lookup).mockImplementationOnce(((_name: string, _options: object, callback: (error: Error) => void) =>
      callback(Object.assign(new Error(`getaddrinfo ${code}`), { code }))) as unknown as typeof lookup);
    expect(await failure(fetcher()('http://no-such-host.example/feed'))).toMatchObject({ reason: 'network', fault });
  });

  it('row 13: an answer that is no HTTP is a fault of the server', async () => {
    const url = await rawServer((socket) => socket.end('220 mail.example.org ESMTP\r\n'));
    expect(await failure(fetcher()(url))).toMatchObject({ reason: 'server', fault: 'http' });
  });

  it('row 23: a certificate that is not trusted is said to be that', async () => {
    const server = await serve({ '/feed': { body: FEED } }, tls);
    const seen = await failure(fetcher()(`${server.url}/feed`));
    expect(seen).toMatchObject({ reason: 'network', fault: 'tls' });
    expect(seen.message).toContain('signed itself');
  });

  it('row 23: an expired certificate is said to be that', async () => {
    const server = await serve({ '/feed': { body: FEED } }, expired);
    const seen = await failure(fetcher({ ca: expired.cert })(`${server.url}/feed`));
    expect(seen).toMatchObject({ reason: 'network', fault: 'tls' });
    expect(seen.message).toContain('expired');
  });

  it('row 23: one source may be excepted from the check, others stay checked', async () => {
    const server = await serve({ '/feed': { body: FEED } }, tls);
    const fetchFeed = fetcher();
    expect((await fetchFeed({ url: `${server.url}/feed`, insecureTls: true })).status).toBe(200);
    expect(await failure(fetchFeed(`${server.url}/feed`))).toMatchObject({ fault: 'tls' });
  });

  it('row 23: speaks HTTP/1.1', async () => {
    let version = '';
    const server = await serve({
      '/feed': (request, response) => {
        version = request.httpVersion;
        response.end(FEED);
      },
    });
    await fetcher()(`${server.url}/feed`);
    expect(version).toBe('1.1');
  });
});

async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  servers.push({ close });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
}
