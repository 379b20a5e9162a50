import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Outlet } from './outlets.js';
import { renderFeed } from './render.js';
import { type WorldItem, windowAt } from './timeline.js';

/** Bytes come in this many portions over this time from a slow outlet. */
const SLOW_PORTIONS = 6;
const SLOW_MS = 900;

/** From here on the outlet that moves answers 301 at its old address. */
export const MOVES_AT = Date.parse('2024-06-01T00:00:00Z');
/** The outlet that breaks: first its server fails, then a page stands where the feed was, then it is back. */
export const BREAKS_AT = Date.parse('2024-04-01T00:00:00Z');
export const GARBAGE_AT = Date.parse('2024-06-01T00:00:00Z');
export const HEALS_AT = Date.parse('2024-08-01T00:00:00Z');

export interface DemoServers {
  /** Address of each feed, by feed id. */
  urls: Map<string, string>;
  close(): Promise<void>;
}

export interface DemoServerOptions {
  outlets: readonly Outlet[];
  timeline: ReadonlyMap<string, readonly WorldItem[]>;
  now(): Date;
  /** Called with every request for a feed. */
  onRequest?(): void;
  /** How long the slow outlet takes for its bytes. */
  slowMs?: number;
}

/** One loopback server per feed, each on a free port of its own, as outlets are on hosts of their own. */
export async function startDemoServers(options: DemoServerOptions): Promise<DemoServers> {
  const urls = new Map<string, string>();
  const servers: Server[] = [];
  for (const outlet of options.outlets) {
    const server = createServer((request, response) => answer(outlet, options, request, response));
    servers.push(server);
    urls.set(outlet.feed, `http://127.0.0.1:${await listen(server)}/feed`);
  }
  return { urls, close: async () => void (await Promise.all(servers.map(stop))) };
}

function answer(outlet: Outlet, options: DemoServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path !== '/feed' && path !== '/rss/v2') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(
      `<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>${outlet.name}</body></html>`,
    );
    return;
  }
  options.onRequest?.();
  const now = options.now();
  if (outlet.quirk === 'moves' && path === '/feed' && now.getTime() >= MOVES_AT) {
    response.writeHead(301, { location: '/rss/v2' });
    response.end();
    return;
  }
  if (outlet.quirk === 'breaks-and-heals' && now.getTime() >= BREAKS_AT && now.getTime() < HEALS_AT) {
    breakDown(now, response);
    return;
  }
  serveFeed(outlet, options, now, request, response);
}

function breakDown(now: Date, response: ServerResponse): void {
  if (now.getTime() < GARBAGE_AT) {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end('database connection lost');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end('<!doctype html><html><head><title>Технические работы</title></head><body>Скоро вернёмся</body></html>');
}

function serveFeed(
  outlet: Outlet,
  { timeline, slowMs = SLOW_MS }: DemoServerOptions,
  now: Date,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { shown, changedAt } = windowAt(timeline.get(outlet.feed) ?? [], now);
  const { body, contentType } = renderFeed(outlet, shown, changedAt);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const headers = { 'content-type': contentType, etag, 'last-modified': changedAt.toUTCString() };
  if (isFresh(request, etag, changedAt)) {
    response.writeHead(304, { etag, 'last-modified': headers['last-modified'] });
    response.end();
    return;
  }
  if (outlet.quirk === 'gzip' && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    response.writeHead(200, { ...headers, 'content-encoding': 'gzip' });
    response.end(gzipSync(body));
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': body.length });
  if (outlet.quirk === 'slow') drip(body, slowMs, response);
  else response.end(body);
}

/** RFC 9110: `If-None-Match` decides when it is there; else `If-Modified-Since`, to the second. */
function isFresh(request: IncomingMessage, etag: string, changedAt: Date): boolean {
  const match = request.headers['if-none-match'];
  if (match !== undefined) return match.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(changedAt.getTime() / 1000) * 1000 <= since;
}

function drip(body: Uint8Array, slowMs: number, response: ServerResponse): void {
  const size = Math.ceil(body.length / SLOW_PORTIONS);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + size));
    sent += size;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, slowMs / SLOW_PORTIONS);
  response.on('close', () => clearInterval(timer));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Outlets alone keep no process alive: when what reads them could not start, there is nothing to serve.
    server.unref();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error('the demo server has no port'));
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
