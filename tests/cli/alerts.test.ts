import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateRules } from '../../activities/evaluate-rules.js';
import { main } from '../../cli/index.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { alertDeps, coverDays, report, ruleOf } from '../support/alert-world.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addSources, newId, sampleLabel, sampleSource } from '../support/store-samples.js';
import { SECRET_PATH, startWebhookServer, type WebhookServer } from '../support/webhook-server.js';

const SIGNING_KEY = Buffer.alloc(24, 3);
let database: TestDatabase;
let sql: Sql;
let server: WebhookServer;
let env: NodeJS.ProcessEnv;
const directory = mkdtempSync(join(tmpdir(), 'axiswatch-cli-alerts-'));

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  server = await startWebhookServer();
  writeFileSync(
    join(directory, 'channels.yaml'),
    `channels:
  - { id: analysts, kind: slack, url_env: CHAT_URL }
  - { id: archive, kind: webhook, url_env: CHAT_URL, secret_env: CHAT_SECRET }
routes:
  - { channels: [archive] }
`,
  );
  env = {
    DATABASE_URL: database.url,
    AXISWATCH_CONFIG_DIR: directory,
    AXISWATCH_DATA_DIR: directory,
    AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1',
    CHAT_URL: server.url,
    CHAT_SECRET: `whsec_${SIGNING_KEY.toString('base64')}`,
  };
});
afterAll(async () => {
  await server.close();
  await sql.end();
  await database.drop();
  rmSync(directory, { recursive: true });
});

async function run(argv: string[], more: NodeJS.ProcessEnv = {}) {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await main(['alerts', ...argv], { out: sink('out'), err: sink('err'), env: { ...env, ...more } });
  return { code, ...said };
}

describe('alerts test', () => {
  it('sends a sample to the real channel and tells the status', async () => {
    server.received.length = 0;
    expect(await run(['test', 'analysts'])).toEqual({ code: 0, out: 'sent: analysts (slack) answered 200\n', err: '' });
    expect(JSON.parse(server.received[0]!.body).text).toMatch(/^▲ TEST · /);
  });

  it('signs what it sends to a webhook', async () => {
    server.received.length = 0;
    expect((await run(['test', 'archive'])).code).toBe(0);
    const { headers, body } = server.received[0]!;
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', SIGNING_KEY).update(signed).digest('base64')}`,
    );
  });

  it('tells the reason and exits 1 when it was not accepted, without the secret', async () => {
    server.answer((request, response) => response.writeHead(404).end(`no_service ${request.path}`));
    const { code, out, err } = await run(['test', 'analysts']);
    server.answer((_, response) => response.end('ok'));
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('not sent: analysts (slack): client: answered 404: no_service [secret]\n');
    expect(err).not.toContain(SECRET_PATH);
  });

  it('tells what is not set, as JSON where asked', async () => {
    const { code, out } = await run(['test', 'archive', '--json'], { CHAT_SECRET: '' });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      channel: 'archive',
      kind: 'webhook',
      sent: false,
      status: null,
      reason: 'invalid-config',
      detail: 'environment variable CHAT_SECRET is not set',
    });
  });

  it('a channel that does not exist is wrong use', async () => {
    expect(await run(['test', 'analyst'])).toEqual({
      code: 2,
      out: '',
      err: 'no channel "analyst": did you mean "analysts"?\n',
    });
  });
});

describe('alerts list, deliveries and resend', () => {
  it('say so when there is nothing', async () => {
    expect((await run(['list'])).out).toBe('No alert was raised yet.\n');
    expect((await run(['deliveries'])).out).toBe('Nothing was to be delivered yet.\n');
    expect(JSON.parse((await run(['list', '--json'])).out)).toEqual({ alerts: [] });
  });

  it('show what was raised and what became of it, and send it again', async () => {
    await addSources(sql, sampleSource('one'), sampleSource('two'));
    await coverDays(sql, '2025-09-01');
    for (const source of ['one', 'two']) await report(sql, source, source, [sampleLabel('mil.exercise', 'AAA-BBB')]);
    const routes = [{ match: {}, channels: ['archive'], continue: false }];
    await evaluateRules(alertDeps(sql, { rules: [ruleOf('first-seen', {})], routes }));

    const list = await run(['list']);
    expect(list.out.split('\n')[0]).toMatch(/^raised +severity +alert +now +usual +channels$/);
    expect(list.out).toMatch(
      /10 Mar 2026, 12:00 UTC +high +★ AAA–BBB · Joint exercises · first ever +2 stories +0 +archive \(pending\)/,
    );
    const [alert] = JSON.parse((await run(['list', '--json', '--limit', '5'])).out).alerts;
    expect(alert).toMatchObject({
      rule: 'first-seen',
      raised_at: '2026-03-10T12:00:00.000Z',
      acknowledged_at: null,
      value: 2,
      usual: 0,
      deliveries: [{ channel: 'archive', state: 'pending' }],
    });

    const [delivery] = JSON.parse((await run(['deliveries', '--json'])).out).deliveries;
    expect(delivery).toMatchObject({
      alert: alert.id,
      channel: 'archive',
      state: 'pending',
      attempts: 0,
      reason: null,
    });
    server.received.length = 0;
    const again = await run(['resend', delivery.id]);
    expect([again.code, again.out.includes('sent')]).toEqual([0, true]);
    expect(server.received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery.id]);

    // Everything of that alert has arrived: nothing is left to send again.
    expect((await run(['resend', alert.id])).code).toBe(2);
    expect((await run(['list'])).out).toMatch(/ archive$/m);
  });

  it('wrong ids and limits are wrong use', async () => {
    expect((await run(['resend', 'nonsense'])).code).toBe(2);
    expect((await run(['resend', newId()])).err).toMatch(/^no delivery and no undelivered alert has the id/);
    expect((await run(['list', '--limit', '0'])).code).toBe(2);
  });
});
