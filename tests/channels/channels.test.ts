import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { CHANNELS, openChannels } from '../../channels/registry.js';
import { createReadSecret } from '../../channels/secret.js';
import { createPost } from '../../channels/send.js';
import { Failure } from '../../core/errors.js';
import { createGuardedDispatcher } from '../../feeds/guard.js';
import { noticeOf } from '../support/sample-notice.js';
import { SECRET_PATH, startWebhookServer, type WebhookServer } from '../support/webhook-server.js';

const SIGNING = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const OLD_SIGNING = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
/** Parameters that open each kind: a new kind must appear here. */
const SETTINGS: Record<string, Record<string, unknown>> = {
  slack: { url_env: 'CHAT_URL' },
  webhook: { url_env: 'CHAT_URL', secret_env: 'CHAT_SECRET' },
};
const KINDS = Object.keys(CHANNELS);
const NOW = new Date('2026-11-22T14:03:05Z');
const SECRETS = [...SECRET_PATH.split('/').filter((part) => part.includes('SECRET')), SIGNING, OLD_SIGNING];

const agent = new Agent();
let server: WebhookServer;
let vars: NodeJS.ProcessEnv;
const directory = mkdtempSync(join(tmpdir(), 'axiswatch-channels-'));
beforeAll(async () => {
  server = await startWebhookServer();
});
afterAll(async () => {
  await server.close();
  await agent.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  vars = { CHAT_URL: server.url, CHAT_SECRET: `${SIGNING} ${OLD_SIGNING}` };
});
afterEach(() => {
  server.received.length = 0;
  server.answer((_, response) => response.end('ok'));
});

function open(kind: string, options: { deadlineMs?: number; dispatcher?: Agent; params?: object } = {}) {
  const { deadlineMs, dispatcher = agent, params = {} } = options;
  const edge = {
    post: createPost({ dispatcher, userAgent: 'axiswatch/test', deadlineMs }),
    readSecret: createReadSecret(vars, directory),
  };
  return openChannels([{ id: 'c', kind, params: { ...SETTINGS[kind], ...params } }], edge).get('c')!;
}

const send = (channel: ReturnType<typeof open>, signal = new AbortController().signal) =>
  channel.send(noticeOf(), NOW, signal);

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => new Error('was sent'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe.each(KINDS)('%s', (kind) => {
  it('posts JSON once and tells the status', async () => {
    expect(await send(open(kind))).toEqual({ status: 200 });
    expect(server.received).toHaveLength(1);
    const [request] = server.received;
    expect(request).toMatchObject({ method: 'POST', path: SECRET_PATH });
    expect(request?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(request?.headers['user-agent']).toBe('axiswatch/test');
    expect(JSON.parse(request!.body)).toBeTypeOf('object');
  });

  test.each([
    [201, null],
    [204, null],
    [301, 'client'],
    [302, 'client'],
    [400, 'client'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'client'],
    [408, 'timeout'],
    [410, 'client'],
    [413, 'client'],
    [425, 'server'],
    [429, 'rate-limited'],
    [500, 'server'],
    [502, 'server'],
    [503, 'server'],
  ] as const)('status %i is %s', async (status, reason) => {
    server.answer((_, response) => response.writeHead(status, { location: '/elsewhere' }).end());
    if (reason === null) return expect(await send(open(kind))).toEqual({ status });
    const failure = await failureOf(send(open(kind)));
    expect({ reason: failure.reason, status: failure.more.status }).toEqual({ reason, status });
    expect(server.received).toHaveLength(1); // no retry and no redirect in here
  });

  test.each([
    ['30', 30],
    ['0', 0],
    ['1.2', 2],
    ['999999', 86_400],
    ['Sun, 22 Nov 2026 14:04:00 GMT', 60],
    ['Sun, 22 Nov 2026 14:00:00 GMT', 0],
    ['soon', undefined],
  ] as const)('Retry-After %s is %s seconds', async (value, seconds) => {
    server.answer((_, response) =>
      response.writeHead(429, { 'retry-after': value, date: 'Sun, 22 Nov 2026 14:03:00 GMT' }).end(),
    );
    expect((await failureOf(send(open(kind)))).more.retryAfterSeconds).toBe(seconds);
  });

  it('a server that answers too late is a timeout', async () => {
    server.answer(() => undefined);
    const failure = await failureOf(send(open(kind, { deadlineMs: 150 })));
    expect([failure.reason, failure.message]).toEqual(['timeout', 'no answer within 0.15 s']);
  });

  it('what was accepted was sent, although the rest of the answer never comes or is cut', async () => {
    server.answer((_, response) => response.writeHead(200).write('o'));
    expect(await send(open(kind, { deadlineMs: 150 }))).toEqual({ status: 200 });
    server.answer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('o', () => response.socket?.destroy());
    });
    expect(await send(open(kind))).toEqual({ status: 200 });
  });

  it('a connection that is refused or cut is network trouble', async () => {
    server.answer((_, response) => response.socket?.destroy());
    expect((await failureOf(send(open(kind)))).reason).toBe('network');
    vars.CHAT_URL = `http://127.0.0.1:1${SECRET_PATH}`;
    const refused = await failureOf(send(open(kind)));
    expect([refused.reason, refused.message]).toEqual(['network', 'no connection (ECONNREFUSED)']);
  });

  it('an endless answer is not read to its end', async () => {
    let written = 0;
    server.answer((_, response) => {
      response.writeHead(400);
      const more = () => {
        while (written < 50_000_000 && !response.destroyed) {
          written += 65_536;
          if (!response.write('x'.repeat(65_536))) return response.once('drain', more);
        }
        return response.end();
      };
      more();
    });
    const failure = await failureOf(send(open(kind)));
    expect(failure.reason).toBe('client');
    expect(failure.message.length).toBeLessThan(300);
    expect(written).toBeLessThan(20_000_000);
  });

  it('an address that is not public is refused unless allowed', async () => {
    const guarded = createGuardedDispatcher({ allow: [] }) as Agent;
    const failure = await failureOf(send(open(kind, { dispatcher: guarded })));
    expect([failure.reason, failure.more.fault]).toEqual(['client', 'refused-address']);
    expect(server.received).toHaveLength(0);
    const allowed = createGuardedDispatcher({ allow: ['127.0.0.1'] }) as Agent;
    expect(await send(open(kind, { dispatcher: allowed }))).toEqual({ status: 200 });
    await Promise.all([guarded.close(), allowed.close()]);
  });

  it('being stopped is no failure of the channel', async () => {
    const stop = new AbortController();
    server.answer(() => stop.abort(new Error('stopping')));
    await expect(send(open(kind), stop.signal)).rejects.toThrow('stopping');
  });

  it('no secret is in any error, whatever the other side says', async () => {
    const errors: Failure[] = [];
    const collect = async (promise: Promise<unknown>) => errors.push(await failureOf(promise));
    for (const status of [400, 401, 403, 404, 429, 500, 302]) {
      server.answer((request, response) =>
        response
          .writeHead(status, { location: request.path })
          .end(
            `no ${request.path} ${encodeURIComponent(request.path)} ${SETTINGS[kind]?.secret_env ? vars.CHAT_SECRET : ''} ${server.url} ${request.path}`,
          ),
      );
      await collect(send(open(kind)));
    }
    server.answer((_, response) => response.socket?.destroy());
    await collect(send(open(kind)));
    const guarded = createGuardedDispatcher({ allow: [] }) as Agent;
    await collect(send(open(kind, { dispatcher: guarded })));
    vars.CHAT_URL = server.url.replace('http:', 'ftp:');
    await collect(send(open(kind)));
    vars.CHAT_URL = `no url at all ${SECRET_PATH}`;
    await collect(send(open(kind)));
    vars.CHAT_URL = `http://host.invalid${SECRET_PATH}`;
    await collect(send(open(kind)));
    vars.CHAT_URL = `http://user:SECRETpassword@127.0.0.1:1${SECRET_PATH}`;
    await collect(send(open(kind)));
    expect(errors).toHaveLength(13);
    for (const error of errors) {
      const everything = `${inspect(error, { depth: 10 })} ${JSON.stringify(error)} ${error.stack}`;
      for (const secret of [...SECRETS, 'SECRETpassword']) expect(everything).not.toContain(secret);
    }
    await guarded.close();
  });

  it('a secret is read at every send, from a variable or from a file', async () => {
    writeFileSync(join(directory, 'url.txt'), `${server.url}?from=file\n`);
    await send(open(kind, { params: { url_env: undefined, url_file: 'url.txt' } }));
    vars.CHAT_URL = undefined;
    vars.CHAT_URL_FILE = join(directory, 'url.txt');
    const channel = open(kind);
    await send(channel);
    writeFileSync(join(directory, 'url.txt'), `${server.url}?from=rotated\n`);
    await send(channel);
    expect(server.received.map(({ path }) => path.split('=')[1])).toEqual(['file', 'file', 'rotated']);
  });

  it('a missing secret is told by the name of its variable or file', async () => {
    vars.CHAT_URL = '';
    const unset = await failureOf(send(open(kind)));
    expect([unset.reason, unset.message]).toEqual(['invalid-config', 'environment variable CHAT_URL is not set']);
    const lost = await failureOf(send(open(kind, { params: { url_env: undefined, url_file: 'lost.txt' } })));
    expect(lost.message).toBe('secret file lost.txt cannot be read (ENOENT)');
  });

  it('wrong parameters are told with the name of the channel and of the field', () => {
    expect(() => open(kind, { params: { url_env: undefined } })).toThrow(
      /^channel c: give url_env \(the name of a variable\) or url_file/,
    );
    expect(() => open(kind, { params: { url_file: 'x' } })).toThrow(/not both/);
    expect(() => open(kind, { params: { colour: 'red' } })).toThrow(/channel c: .*colour/);
  });
});

it('a signed webhook can be verified with the old secret and with the new one', async () => {
  await send(open('webhook'));
  const [{ headers, body }] = server.received as [WebhookServer['received'][number]];
  expect(headers['webhook-id']).toBe(noticeOf().deliveryId);
  expect(headers['webhook-timestamp']).toBe(String(NOW.getTime() / 1000));
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signatures = [Buffer.alloc(24, 7), Buffer.alloc(32, 9)].map(
    (key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  );
  expect(headers['webhook-signature']).toBe(signatures.join(' '));
});

it('a signing secret that is none is told without being shown', async () => {
  vars.CHAT_SECRET = 'whsec_SECRETtooshort';
  const failure = await failureOf(send(open('webhook')));
  expect(failure.message).toBe('CHAT_SECRET must hold secrets like whsec_<base64 of 24 to 64 bytes>');
});

it('an unknown kind is told with the known ones', () => {
  expect(() => open('slak')).toThrow('channel c: unknown kind "slak" (known: slack, webhook)');
});
