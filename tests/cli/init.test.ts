import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { main } from '../../cli/index.js';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'axiswatch-init-')), "Ana's watch");
});

async function run(argv: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await main(argv, { out: sink('out'), err: sink('err'), env });
  return { code, ...said };
}

const settingOf = (name: string) =>
  new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(join(dir, '.env'), 'utf8'))?.[1];

describe('init', () => {
  it('writes a whole configuration and a .env for its owner alone', async () => {
    const { code, out } = await run(['init', dir]);
    expect([code, out]).toEqual([0, `${dir}\n`]);
    expect(readdirSync(join(dir, 'config')).sort()).toEqual([
      'channels.yaml',
      'codebook',
      'rules.yaml',
      'sources.yaml',
    ]);
    expect(statSync(join(dir, '.env')).mode & 0o777).toBe(0o600);
    expect(settingOf('AXISWATCH_API_TOKEN')).toMatch(/^[\w-]{40,}$/);
    expect(settingOf('POSTGRES_PASSWORD')).toMatch(/^[\w-]{30,}$/);
    expect(settingOf('AXISWATCH_CONFIG_DIR')).toBe(`'${dir.replace("'", "'\\''")}/config'`);
  });

  it('overwrites nothing, and makes other secrets elsewhere', async () => {
    await run(['init', dir]);
    const token = settingOf('AXISWATCH_API_TOKEN');
    writeFileSync(join(dir, 'config', 'rules.yaml'), 'rules: [] # mine\n');
    expect((await run(['init', dir])).err).toContain('kept');
    expect(readFileSync(join(dir, 'config', 'rules.yaml'), 'utf8')).toBe('rules: [] # mine\n');
    expect(settingOf('AXISWATCH_API_TOKEN')).toBe(token);
    dir = `${dir} two`;
    await run(['init', dir]);
    expect(settingOf('AXISWATCH_API_TOKEN')).not.toBe(token);
  });

  it('a file in its place is told', async () => {
    writeFileSync(dir, 'a file');
    expect(await run(['init', dir])).toMatchObject({ code: 2, err: expect.stringContaining('is no folder') });
  });
});

describe('config', () => {
  beforeEach(async () => {
    await run(['init', dir]);
  });
  const env = (more: NodeJS.ProcessEnv = {}) => ({ AXISWATCH_CONFIG_DIR: join(dir, 'config'), ...more });

  it('check finds nothing wrong with what init wrote', async () => {
    const { code, out } = await run(['config', 'check'], env());
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^ok: 50 sources, 50 feeds, 4 rules, 0 channels, codebook /),
    ]);
  });

  it('check tells mistakes of settings, files and codebook together, exit code 1', async () => {
    writeFileSync(join(dir, 'config', 'sources.yaml'), 'sorces: []\n');
    writeFileSync(
      join(dir, 'config', 'rules.yaml'),
      'rules: [{ id: a, kind: level, threshold: 3, scope: { dyad: RUS-CHN } }]\n',
    );
    const { code, out } = await run(['config', 'check'], env({ AXISWATCH_PORT: 'http' }));
    expect(code).toBe(1);
    expect(out).toContain('AXISWATCH_PORT must be a port from 0 to 65535 (got "http")');
    expect(out).toContain('sources.yaml:1:1');
    expect(out).toContain('Unrecognized key "sorces": did you mean "sources"?');
    expect(out).toContain('unknown dyad "RUS-CHN"');
  });

  it('check knows the parameters of channels and the selectors of list pages, and warns of a secret that is not there', async () => {
    const channels = (key: string) =>
      `channels: [{ id: analysts, kind: slack, ${key}: AXISWATCH_SLACK_URL }]\nroutes: [{ channels: [analysts] }]\n`;
    const list =
      'sources: [{ id: a, name: A, bloc: other, feeds: [{ id: a, url: "https://a.example", kind: html-list, list: { entry: "li[" } }] }]';
    writeFileSync(join(dir, 'config', 'channels.yaml'), channels('url_evn'));
    writeFileSync(join(dir, 'config', 'sources.yaml'), list);
    const wrong = await run(['config', 'check'], env());
    expect(wrong.out).toContain('Unrecognized key "url_evn": did you mean "url_env"?');
    expect(wrong.out).toContain('not a selector that can be used: "li["');
    writeFileSync(join(dir, 'config', 'channels.yaml'), channels('url_env'));
    writeFileSync(join(dir, 'config', 'sources.yaml'), list.replace('li[', 'li'));
    const right = await run(['config', 'check'], env());
    expect([right.code, right.err]).toEqual([
      0,
      'warning: channel analysts: AXISWATCH_SLACK_URL (url_env) is not set\n',
    ]);
  });

  it('dump is YAML or JSON without secrets', async () => {
    const secret = { AXISWATCH_API_TOKEN: 'hunter2', DATABASE_URL: 'postgres://u:hunter2@db/x' };
    const yaml = await run(['config', 'dump'], env(secret));
    const json = await run(['config', 'dump', '--json'], env(secret));
    expect(parseYaml(yaml.out)).toEqual(JSON.parse(json.out));
    expect(JSON.parse(json.out).settings.DATABASE_URL).toEqual({ value: 'set', from: 'environment' });
    expect(yaml.out + json.out).not.toContain('hunter2');
  });

  it('schema prints one or all', async () => {
    expect(Object.keys(JSON.parse((await run(['config', 'schema'])).out))).toEqual([
      'sources.yaml',
      'rules.yaml',
      'channels.yaml',
    ]);
    expect(JSON.parse((await run(['config', 'schema', 'sources'])).out).properties.sources.type).toBe('array');
    expect(await run(['config', 'schema', 'codebook'])).toMatchObject({ code: 2 });
  });
});
