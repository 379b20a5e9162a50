import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { main } from '../../cli/index.js';
import { migrate } from '../../db/migrate.js';
import { checkEnvFile, checkNode } from '../../runtime/diagnose.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let root: string;
let database: TestDatabase;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'axiswatch-doctor-'));
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
  rmSync(root, { recursive: true, force: true });
});

interface Run {
  code: number;
  out: string;
  err: string;
}

async function run(args: string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const text = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        text[name] += chunk;
        done();
      },
    });
  const code = await main(args, {
    out: sink('out'),
    err: sink('err'),
    env: { HOME: root, PATH: process.env.PATH, ...env },
  });
  return { code, ...text };
}

interface Finding {
  check: string;
  state: string;
  detail: string;
  next: string | null;
}

async function diagnose(env: NodeJS.ProcessEnv): Promise<{ code: number; findings: Record<string, Finding> }> {
  const { code, out } = await run(['doctor', '--json'], env);
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return { code, findings: Object.fromEntries(findings.map((finding) => [finding.check, finding])) };
}

const external = () => ({
  DATABASE_URL: database.url,
  TEMPORAL_ADDRESS: inject('temporalAddress'),
  TEMPORAL_NAMESPACE: inject('temporalNamespace'),
});

describe('axiswatch doctor', () => {
  it('on a new machine says what up will do, and is not alarmed', async () => {
    const { code, findings } = await diagnose({
      AXISWATCH_DATA_DIR: join(root, 'data'),
      AXISWATCH_PORT: '0',
      TEMPORAL_CLI_PATH: inject('temporalCliPath'),
    });
    expect(code).toBe(0);
    expect(findings).toMatchObject({
      node: { state: 'ok' },
      configuration: { state: 'ok', detail: expect.stringMatching(/sources with \d+ feeds, codebook/) },
      'data directory': { state: 'note', next: 'axiswatch up' },
      database: { state: 'note', next: 'axiswatch up' },
      'Temporal CLI': { state: 'ok', detail: expect.stringMatching(/^temporal version/) },
    });
  });

  it("names a data directory that is somebody else's", async () => {
    writeFileSync(join(root, 'thesis.odt'), 'mine');
    const { code, findings } = await diagnose({ AXISWATCH_DATA_DIR: root, AXISWATCH_PORT: '0' });
    expect(code).toBe(1);
    expect(findings['data directory']).toMatchObject({
      state: 'problem',
      detail: expect.stringMatching(/holds 'thesis\.odt', which axiswatch did not make/),
      next: 'set AXISWATCH_DATA_DIR',
    });
  });

  it('against external servers tells their versions, and that no worker polls', async () => {
    const { code, findings } = await diagnose(external());
    expect(code).toBe(1);
    expect(findings).toMatchObject({
      database: { state: 'ok', detail: expect.stringMatching(/^Postgres \d+.* migrations$/) },
      Temporal: { state: 'ok', detail: expect.stringMatching(/^server \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+/) },
      worker: { state: 'problem', next: 'axiswatch worker' },
      schedules: { state: 'problem' },
    });
  });

  it('names a database that must be migrated, and the command', async () => {
    const empty = database.url.replace(/\/[^/]+$/, '/postgres');
    const { code, findings } = await diagnose({ ...external(), DATABASE_URL: empty });
    expect(code).toBe(1);
    expect(findings.database).toMatchObject({ state: 'problem', next: 'axiswatch migrate' });
  });

  it('names what cannot be reached, without a password, and goes on', async () => {
    const { code, findings } = await diagnose({
      DATABASE_URL: 'postgres://watch:s3cret@127.0.0.1:9/news',
      TEMPORAL_ADDRESS: '127.0.0.1:9',
    });
    expect(code).toBe(1);
    expect(findings.database?.detail).toMatch(/^The database at 127\.0\.0\.1:9\/news as watch refuses connections/);
    expect(findings.Temporal).toMatchObject({ state: 'problem', next: 'check TEMPORAL_ADDRESS' });
    expect(JSON.stringify(findings)).not.toContain('s3cret');
  });

  it('prints a line for each finding and the next command', async () => {
    const { out } = await run(['doctor'], external());
    expect(out).toMatch(/^ok {7}node: Node /m);
    expect(out).toMatch(/^PROBLEM {2}worker: no worker asks for work\n {11}next: axiswatch worker$/m);
  });

  it.each([
    ['18.20.0', 'problem'],
    ['20.18.9', 'problem'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
  ])('judges Node %s as %s', (version, state) => {
    expect(checkNode(version).state).toBe(state);
  });
});

describe('axiswatch migrate', () => {
  it('says what it did', async () => {
    const { total } = await migrate(database.url);
    const { code, out } = await run(['migrate'], external());
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`^127\\.0\\.0\\.1:\\d+/t_\\w+ as axiswatch: nothing to do, all ${total} migrations are applied\\n$`),
    );
  });
});

describe('axiswatch healthcheck', () => {
  async function serve(status: number, use: (port: number) => Promise<void>): Promise<void> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/healthz' ? 200 : status;
      response.end('{"ready":false,"problems":["The worker is stopped."]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use((server.address() as AddressInfo).port);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('is 0 when the server of this container is ready, also when it listens on every address', async () => {
    await serve(200, async (port) => {
      for (const AXISWATCH_HOST of ['127.0.0.1', '0.0.0.0'])
        expect(await run(['healthcheck'], { AXISWATCH_HOST, AXISWATCH_PORT: String(port) })).toMatchObject({ code: 0 });
    });
  });

  it('is 1 with the reason when it is not ready, and 0 when only life is asked for', async () => {
    await serve(503, async (port) => {
      const env = { AXISWATCH_PORT: String(port) };
      const { code, err } = await run(['healthcheck'], env);
      expect(code).toBe(1);
      expect(err).toMatch(/answers 503: .*The worker is stopped/);
      expect(await run(['healthcheck', '--live'], env)).toMatchObject({ code: 0 });
    });
  });

  it('is 1 when nobody answers', async () => {
    expect(await run(['healthcheck'], { AXISWATCH_PORT: '9' })).toMatchObject({
      code: 1,
      err: 'http://127.0.0.1:9/readyz does not answer.\n',
    });
  });

  it('asks Temporal for the worker of this host', async () => {
    const { code, err } = await run(['healthcheck', '--worker'], external());
    expect(code).toBe(1);
    expect(err).toMatch(/^No worker of \S+ asks 127\.0\.0\.1:\d+ for work\.\n$/);
  });
});

describe('a .env in the folder', () => {
  it('that sets something of ours is told, without its values', () => {
    writeFileSync(join(root, '.env'), 'AXISWATCH_PORT=8081\nAXISWATCH_API_TOKEN=hunter2\nOTHER=1\nAXISWATCH_HOST=\n');
    const [finding, ...more] = checkEnvFile(root, { AXISWATCH_PORT: '8080' });
    expect(finding).toMatchObject({ state: 'note', next: 'set -a; . ./.env; set +a' });
    expect(finding?.detail).toContain('it sets AXISWATCH_API_TOKEN, AXISWATCH_PORT');
    expect(JSON.stringify(finding)).not.toContain('hunter2');
    expect(more).toEqual([]);
  });

  it("that is loaded, somebody else's or not there is no matter", () => {
    expect(checkEnvFile(root, {})).toEqual([]);
    writeFileSync(join(root, '.env'), 'AXISWATCH_PORT="8081"\nOTHER=1\n');
    expect(checkEnvFile(root, { AXISWATCH_PORT: '8081' })).toEqual([]);
  });
});
