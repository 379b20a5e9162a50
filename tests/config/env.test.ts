import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demoVars, EnvProblems, platformFolders, readEnv, SHIPPED_CONFIG_DIR } from '../../config/env.js';

function problemsOf(vars: NodeJS.ProcessEnv): Array<{ name: string; message: string; nearest: string | null }> {
  try {
    readEnv(vars);
  } catch (error) {
    if (error instanceof EnvProblems) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('has the defaults of the contract', () => {
    const { vars, ...env } = readEnv({ HOME: '/home/ana' });
    expect(vars.HOME).toBe('/home/ana');
    expect(env).toEqual({
      ...env,
      configDir: SHIPPED_CONFIG_DIR,
      host: '127.0.0.1',
      port: 8080,
      postgresPort: 0,
      temporalPort: 0,
      allowAddresses: [],
      apiToken: null,
      contact: null,
      logLevel: 'info',
      databaseUrl: null,
      temporalCliPath: null,
      temporalConfigured: false,
    });
  });

  it('reads every setting', () => {
    const env = readEnv({
      AXISWATCH_DATA_DIR: '/var/lib/axiswatch',
      AXISWATCH_HOST: '::1',
      AXISWATCH_PORT: '0',
      AXISWATCH_ALLOW_ADDRESSES: '10.0.0.0/8, feeds.example.org,fd00::/8,127.0.0.1',
      AXISWATCH_API_TOKEN: 'f81d4fae',
      AXISWATCH_CONTACT: 'desk@example.org',
      DATABASE_URL: 'postgres://a:b@db/axis',
      TEMPORAL_ADDRESS: 'temporal:7233',
    });
    expect(env).toMatchObject({
      dataDir: '/var/lib/axiswatch',
      host: '::1',
      port: 0,
      allowAddresses: ['10.0.0.0/8', 'feeds.example.org', 'fd00::/8', '127.0.0.1'],
      apiToken: 'f81d4fae',
      contact: 'desk@example.org',
      databaseUrl: 'postgres://a:b@db/axis',
      temporalConfigured: true,
    });
  });

  it('an empty value is an unset one', () => {
    expect(readEnv({ AXISWATCH_PORT: '', DATABASE_URL: '', TEMPORAL_ADDRESS: ' ' })).toMatchObject({
      port: 8080,
      databaseUrl: null,
      temporalConfigured: false,
    });
  });

  it('all wrong values are told at once', () => {
    const vars = {
      AXISWATCH_PORT: '80800',
      AXISWATCH_POSTGRES_PORT: '-1',
      AXISWATCH_HOST: 'http://x',
      AXISWATCH_LOG_LEVEL: 'inof',
      AXISWATCH_ALLOW_ADDRESSES: '10.0.0.0/33',
      AXISWATCH_API_TOKEN: 'change-me',
      DATABASE_URL: 'mysql://u:hunter2@db/x',
      TEMPORAL_ADDRESS: 'temporal',
      TEMPORAL_TLS: 'perhaps',
    };
    const problems = problemsOf(vars);
    expect(problems.map((p) => p.name).sort()).toEqual(Object.keys(vars).sort());
    expect(problems.find((p) => p.name === 'AXISWATCH_LOG_LEVEL')).toMatchObject({ nearest: 'info' });
  });

  it('a percent sign that would break the driver is told here', () => {
    expect(problemsOf({ DATABASE_URL: 'postgres://bob:hunter%zz@db/axis' })).toEqual([
      expect.objectContaining({ name: 'DATABASE_URL', message: expect.stringContaining('write %25') }),
    ]);
    expect(readEnv({ DATABASE_URL: 'postgres://bob:a%25b@db/axis' }).databaseUrl).toBe('postgres://bob:a%25b@db/axis');
  });

  it('no message holds a secret', () => {
    const messages = JSON.stringify(
      problemsOf({ DATABASE_URL: 'mysql://u:hunter2@db/x', AXISWATCH_API_TOKEN: 'hunter2 hunter3' }),
    );
    expect(messages).not.toContain('hunter');
  });

  it.each(['10.0.0.0/8/8', '10.0.0.256', 'a b', 'feeds.example.org/24', '::1/129'])(
    '%s is no address to allow',
    (text) => {
      expect(problemsOf({ AXISWATCH_ALLOW_ADDRESSES: text }).map((p) => p.name)).toEqual(['AXISWATCH_ALLOW_ADDRESSES']);
    },
  );

  it('a misspelt setting is told with the one that was meant', () => {
    expect(problemsOf({ AXISWATCH_PROT: '80' })).toEqual([
      { name: 'AXISWATCH_PROT', message: 'is not a setting: did you mean AXISWATCH_PORT?', nearest: 'AXISWATCH_PORT' },
    ]);
    expect(problemsOf({ AXISWATCH_SLACK_URL: 'https://hooks.example.org/x' })).toEqual([]);
  });
});

describe('secrets from files', () => {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-env-'));
  const file = join(dir, 'token');
  writeFileSync(file, 'f81d4fae\n');

  it('NAME_FILE is read, trimmed, and handed on under NAME', () => {
    const env = readEnv({ AXISWATCH_API_TOKEN_FILE: file });
    expect([env.apiToken, env.vars.AXISWATCH_API_TOKEN]).toEqual(['f81d4fae', 'f81d4fae']);
  });

  it('both NAME and NAME_FILE, a missing file and an empty file are problems', () => {
    writeFileSync(join(dir, 'empty'), '\n');
    expect(problemsOf({ AXISWATCH_API_TOKEN_FILE: file, AXISWATCH_API_TOKEN: 'x' })[0]?.message).toContain('both set');
    expect(problemsOf({ DATABASE_URL_FILE: join(dir, 'none') })[0]?.message).toContain('ENOENT');
    expect(problemsOf({ DATABASE_URL_FILE: join(dir, 'empty') })[0]?.message).toContain('empty file');
  });

  it('only secrets are read from files', () => {
    expect(readEnv({ AXISWATCH_CACHE_DIR_FILE: file, HOME: '/h' }).cacheDir).not.toBe('f81d4fae');
  });
});

describe('folders of the platform', () => {
  it.each([
    ['linux', { HOME: '/h' }, '/h/.local/share/axiswatch', '/h/.cache/axiswatch'],
    ['linux', { HOME: '/h', XDG_DATA_HOME: '/d', XDG_CACHE_HOME: '/c' }, '/d/axiswatch', '/c/axiswatch'],
    ['linux', { HOME: '/h', XDG_DATA_HOME: 'relative' }, '/h/.local/share/axiswatch', '/h/.cache/axiswatch'],
    ['darwin', { HOME: '/h' }, '/h/Library/Application Support/axiswatch', '/h/Library/Caches/axiswatch'],
  ] as const)('%s %j', (platform, vars, data, cache) => {
    expect(platformFolders(vars, platform)).toEqual({ data, cache });
  });

  it('the demo has its own data and configuration', () => {
    const env = readEnv(
      demoVars({ AXISWATCH_DATA_DIR: '/d', DATABASE_URL: 'postgres://live/axis', TEMPORAL_ADDRESS: 'live:7233' }),
    );
    expect(env).toMatchObject({ dataDir: '/d/demo', configDir: '/d/demo/config', databaseUrl: null });
    expect(env.temporalConfigured).toBe(false);
    expect(JSON.stringify(env)).not.toContain('live');
  });
});
