import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dumpConfig, effectiveSettings, envExample } from '../../config/dump.js';
import { readEnv, SETTINGS, SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { loadConfig } from '../../config/load.js';
import { configJsonSchemas } from '../../config/schema.js';

describe('the effective configuration', () => {
  it('shows no secret, only that it is set', () => {
    const env = readEnv({
      HOME: '/h',
      DATABASE_URL: 'postgres://u:hunter2@db/x',
      AXISWATCH_API_TOKEN: 'hunter3',
      TEMPORAL_API_KEY: 'hunter4',
    });
    const dump = dumpConfig(env, loadConfig(SHIPPED_CONFIG_DIR));
    expect(JSON.stringify(dump)).not.toContain('hunter');
    expect(
      effectiveSettings(env)
        .filter((setting) => setting.value === 'set')
        .map((setting) => setting.name),
    ).toEqual(['AXISWATCH_API_TOKEN', 'DATABASE_URL', 'TEMPORAL_API_KEY']);
  });

  it('tells where a value comes from', () => {
    const settings = effectiveSettings(readEnv({ HOME: '/h', AXISWATCH_PORT: '9000' }));
    expect(settings.find((setting) => setting.name === 'AXISWATCH_PORT')).toMatchObject({
      value: '9000',
      from: 'environment',
    });
    expect(settings.find((setting) => setting.name === 'AXISWATCH_HOST')).toMatchObject({
      value: '127.0.0.1',
      from: 'default',
    });
  });
});

describe('.env.example', () => {
  const written = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

  it('is what the list of settings says', () => {
    expect(written).toBe(envExample());
  });

  it('names every setting once and sets none', () => {
    const names = [...written.matchAll(/^#([A-Z_]+)=/gm)].map((match) => match[1]);
    expect(names).toEqual(SETTINGS.map((setting) => setting.name));
    expect(written.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });
});

describe('JSON Schemas for editors', () => {
  it.each(Object.entries(configJsonSchemas()))(
    '%s accepts the shipped file and refuses an unknown key',
    (name, schema) => {
      const validate = new Ajv2020({ strict: false }).compile(schema);
      const shipped = parse(readFileSync(`${SHIPPED_CONFIG_DIR}/${name}`, 'utf8'));
      expect(validate(shipped), JSON.stringify(validate.errors)).toBe(true);
      expect(validate({ ...shipped, sorces: [] })).toBe(false);
    },
  );
});
