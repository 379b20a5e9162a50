import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A fixed answer. `body` may be bytes; status defaults to 200 and the content type to RSS. */
export interface Answer {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

/** A route is a fixed answer, a list of answers given in order (the last one stays), or a handler of its own. */
export type Route = Answer | Answer[] | ((request: IncomingMessage, response: ServerResponse) => void);

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Body as text, for tests of webhooks. */
  body: string;
}

/** A real HTTP(S) server on 127.0.0.1 for tests of whatever speaks HTTP. */
export interface FeedServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  port: number;
  /** Every request that arrived, in order. */
  requests: SeenRequest[];
  /** Paths of `requests`. */
  paths(): string[];
  /** Routes by path, with or without a query; may be changed while the server runs. */
  routes: Record<string, Route>;
  /** Connections open right now: a destroyed socket leaves this list. */
  openSockets(): number;
  close(): Promise<void>;
}

/**
 * Starts the server. An unknown path answers 404. Routes are looked up by path with query, then by path alone.
 * With `tls` (key and cert) it speaks HTTPS.
 */
export async function startFeedServer(routes: Record<string, Route> = {}, tls?: TlsOptions): Promise<FeedServer> {
  const sockets = new Set<Socket>();
  const turns = new Map<string, number>();
  const requests: SeenRequest[] = [];
  const served: FeedServer['routes'] = { ...routes };

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      requests.push({ method: request.method ?? 'GET', path, headers: request.headers, body });
      const key = path in served ? path : (path.split('?')[0] ?? path);
      const route = served[key];
      if (typeof route === 'function') return route(request, response);
      if (Array.isArray(route)) {
        const turn = turns.get(key) ?? 0;
        turns.set(key, turn + 1);
        return answer(response, route[Math.min(turn, route.length - 1)] ?? { status: 404 });
      }
      answer(response, route ?? { status: 404, body: 'no such page' });
    });
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  // A client that goes away in the middle is what several tests are about.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    paths: () => requests.map((request) => request.path),
    routes: served,
    openSockets: () => sockets.size,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answer(response: ServerResponse, { status = 200, headers = {}, body = '' }: Answer): void {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  response.writeHead(status, named ? headers : { 'content-type': 'application/rss+xml', ...headers });
  response.end(status === 304 ? undefined : body);
}

/** A small RSS 2.0 feed; what a test does not name it does not care about. */
export function rssFeed(items: Array<{ guid?: string; title?: string; link?: string; date?: string; text?: string }>) {
  const element = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
  const body = items.map(
    (item) =>
      `<item>${element('title', item.title)}${element('link', item.link)}${element('guid', item.guid)}` +
      `${element('pubDate', item.date)}${element('description', item.text)}</item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Test feed</title><link>https://example.org/</link><description>d</description>${body.join('')}</channel></rss>`;
}
