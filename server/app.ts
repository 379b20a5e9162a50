import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { timeout } from 'hono/timeout';
import type { Log } from '../activities/deps.js';
import { Failure } from '../core/errors.js';
import { checkDatabase } from '../db/status.js';
import { isLoopback, requireToken } from './access.js';
import type { AskContext } from './api/context.js';
import { apiRoutes } from './api/routes.js';
import type { Readiness } from './api/status.js';
import { createMetrics } from './metrics.js';
import { replyPageProblem } from './pages/problem.js';
import { pageRoutes } from './pages/routes.js';
import { replyProblem } from './problem.js';
import { openReviewing } from './reviewing.js';

export interface ServerOptions extends AskContext {
  env: { host: string; port: number; apiToken: string | null };
  log: Log;
  /** Whether Temporal answers and a worker polls; the database is asked by the server itself. */
  readiness: () => Promise<Readiness>;
  /** Shown on every page, e.g. that this is the demo world. */
  banner?: string | null;
}

export interface RunningServer {
  url: string;
  close(): Promise<void>;
}

/** Where POST is answered: decisions about the labels of an item, from programs and from the form. */
const WRITES = /^(\/api\/v1\/items\/[^/]+\/reviews|\/review\/[^/]+)$/;

const LIMITS = { bodyBytes: 64 * 1024, urlLength: 8 * 1024, answerMs: 30_000, readinessMs: 5_000, closeMs: 3_000 };

/** Listens and answers. Throws {@link Failure} when the address is taken, or open to others without a token. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, apiToken } = options.env;
  if (!isLoopback(host) && apiToken === null)
    throw new Failure(
      'invalid-config',
      `AXISWATCH_HOST is ${host}, which others can reach: set AXISWATCH_API_TOKEN, or keep 127.0.0.1`,
    );
  const app = createApp(options);
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = serve(
      {
        fetch: app.fetch,
        hostname: host,
        port,
        serverOptions: { requestTimeout: LIMITS.answerMs, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
      },
      () => resolve(listening as Server),
    );
    listening.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, host, port)));
  });
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${shown}:${address.port}`, close: () => closeServer(server) };
}

/** The HTTP application without a socket: what tests and the server share. */
export function createApp(options: ServerOptions): OpenAPIHono {
  const { env, log, readiness } = options;
  const metrics = createMetrics(options, readiness, log);
  const app = new OpenAPIHono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      // Nothing to other sites; with no-referrer our own forms would come without their origin.
      referrerPolicy: 'same-origin',
      xFrameOptions: 'DENY',
      crossOriginResourcePolicy: 'same-origin',
      // Plain HTTP on loopback is the default; whoever puts TLS in front sets this there.
      strictTransportSecurity: false,
    }),
  );
  app.use(metrics.measure);
  app.use(async (c, next) => {
    if (c.req.url.length > LIMITS.urlLength)
      return problem(c, 414, `An address has at most ${LIMITS.urlLength} characters.`);
    // Reading never changes anything; only decisions are written, at addresses of their own.
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const writes = WRITES.test(c.req.path);
    if (writes && c.req.method === 'POST') return next();
    c.header('allow', writes ? 'GET, HEAD, POST' : 'GET, HEAD');
    return problem(c, 405, `${c.req.path} answers ${writes ? 'GET, HEAD and POST' : 'GET and HEAD'}.`);
  });
  app.use(bodyLimit({ maxSize: LIMITS.bodyBytes, onError: (c) => problem(c, 413, 'The request is too large.') }));
  app.use(requireToken(env.host, env.apiToken));
  app.use(timeout(LIMITS.answerMs, () => new HTTPException(504)));

  app.get('/healthz', (c) => c.json({ status: 'ok', version: options.version }));
  app.get('/readyz', async (c) => {
    const problems = await findProblems(options);
    return c.json({ ready: problems.length === 0, problems }, problems.length === 0 ? 200 : 503, {
      'cache-control': 'no-store',
    });
  });
  app.get('/metrics', async (c) => c.body(await metrics.render(), 200, { 'content-type': metrics.contentType }));
  const reviewing = openReviewing(options);
  app.route('/api/v1', apiRoutes(options, readiness, reviewing));
  app.route('/', pageRoutes(options, reviewing));

  app.notFound((c) => problem(c, 404, `There is nothing at ${c.req.path}.`));
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status === 504)
      return problem(c, 504, 'The answer took too long: ask for a shorter range or fewer series.');
    if (isDatabaseAway(error)) {
      log.error({ err: error, path: c.req.path }, 'the database does not answer');
      return problem(c, 503, 'The database does not answer at the moment; try again shortly.');
    }
    log.error({ err: error, path: c.req.path }, 'a request failed');
    return problem(c, 500, 'This is a bug of axiswatch; its log says more.');
  });
  return app;
}

/** Problems in the form that the one who asked can read: JSON for programs, a page for people. */
function problem(c: Context, status: Parameters<typeof replyProblem>[1], detail: string): Response | Promise<Response> {
  const forPrograms = /^\/(api\/|metrics$|healthz$|readyz$)/.test(c.req.path);
  if (forPrograms || !(c.req.header('accept') ?? '').includes('text/html')) return replyProblem(c, status, detail);
  return replyPageProblem(c, status, detail);
}

/** What keeps the installation from being ready, in sentences; empty when all is well. */
async function findProblems({ sql, readiness, log }: ServerOptions): Promise<string[]> {
  const database = checkDatabase(sql).then(
    (health) => (health.problem ? [health.problem] : []),
    (error: unknown) => {
      log.warn({ err: error }, 'the database does not answer');
      return ['The database does not answer.'];
    },
  );
  const outside = readiness().then(
    (state) => state.problems,
    (error: unknown) => {
      log.warn({ err: error }, 'readiness could not be found out');
      return ['Whether Temporal is ready could not be found out.'];
    },
  );
  const late = (what: string) => withDeadline(LIMITS.readinessMs, [`${what} did not answer in time.`]);
  const [a, b] = await Promise.all([
    Promise.race([database, late('The database')]),
    Promise.race([outside, late('Temporal')]),
  ]);
  return [...a, ...b];
}

function withDeadline<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms).unref());
}

function isDatabaseAway(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|CONNECTION_|CONNECT_TIMEOUT|57P0|08)/.test(code);
}

function describeListenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Failure(
      'unavailable',
      `Port ${port} of ${host} is in use: stop what listens there, or set AXISWATCH_PORT`,
    );
  if (error.code === 'EACCES')
    return new Failure('unavailable', `Port ${port} may not be used by this user: set AXISWATCH_PORT to 1024 or above`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Failure('invalid-config', `AXISWATCH_HOST ${host} is no address of this machine`);
  return error;
}

/** Lets answers under way finish, then cuts what is left. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), LIMITS.closeMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
