import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { readEnv } from '../../config/env.js';
import { connectTemporal, temporalTarget } from '../../runtime/connection.js';
import { createTemporalLog } from '../../runtime/temporal-log.js';
import { quietLog } from '../support/run-worker.js';

const dir = mkdtempSync(join(tmpdir(), 'axiswatch-connection-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('temporalTarget', () => {
  it('is the embedded server when there is one', () => {
    const target = temporalTarget(readEnv({}), { address: '127.0.0.1:4000', namespace: 'default' });
    expect(target).toMatchObject({ address: '127.0.0.1:4000', namespace: 'default' });
  });

  it('reads address and namespace from the environment; an API key means TLS', () => {
    const env = readEnv({
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      TEMPORAL_NAMESPACE: 'news',
      TEMPORAL_API_KEY: 'k',
    });
    expect(temporalTarget(env)).toMatchObject({
      address: 'temporal.example:7233',
      namespace: 'news',
      options: { apiKey: 'k', tls: true },
    });
  });

  it('reads client certificates for mutual TLS', () => {
    writeFileSync(join(dir, 'client.pem'), 'certificate');
    writeFileSync(join(dir, 'client.key'), 'key');
    const env = readEnv({
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      TEMPORAL_TLS_CLIENT_CERT_PATH: join(dir, 'client.pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: join(dir, 'client.key'),
    });
    const { tls } = temporalTarget(env).options as { tls: { clientCertPair: { crt: Uint8Array; key: Uint8Array } } };
    const { crt, key } = tls.clientCertPair;
    expect([crt, key].map((bytes) => Buffer.from(bytes).toString())).toEqual(['certificate', 'key']);
  });

  it('names what to look at when a profile does not exist', () => {
    writeFileSync(join(dir, 'temporal.toml'), '[profile.home]\naddress = "127.0.0.1:1"\n');
    const env = readEnv({ TEMPORAL_CONFIG_FILE: join(dir, 'temporal.toml'), TEMPORAL_PROFILE: 'office' });
    expect(() => temporalTarget(env)).toThrow(/office.*TEMPORAL_PROFILE/s);
  });
});

describe('connectTemporal', () => {
  const target = (address: string, namespace: string) => ({ address, namespace, options: { address } });

  it('answers questions about the server it is connected to', async () => {
    const connection = await connectTemporal(target(inject('temporalAddress'), 'default'), quietLog);
    expect(await connection.isServing()).toBe(true);
    await connection.close();
    expect(await connection.isServing()).toBe(false);
  });

  it('gives up after the time it was given, with one sentence', async () => {
    await expect(connectTemporal(target('127.0.0.1:1', 'default'), quietLog, { waitMs: 50 })).rejects.toThrow(
      /^No Temporal server answers at 127\.0\.0\.1:1 .*TEMPORAL_ADDRESS\.$/,
    );
  });

  it('names a namespace that is not there', async () => {
    await expect(connectTemporal(target(inject('temporalAddress'), 'nowhere'), quietLog)).rejects.toThrow(
      /has no namespace 'nowhere': .*TEMPORAL_NAMESPACE/,
    );
  });

  it('stops waiting when it is told to', async () => {
    const stop = new AbortController();
    const waiting = connectTemporal(target('127.0.0.1:1', 'default'), quietLog, { signal: stop.signal });
    stop.abort(new Error('never mind'));
    await expect(waiting).rejects.toThrow('never mind');
  });
});

describe('the log of the SDK', () => {
  function written() {
    const lines: string[] = [];
    const write = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
    const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    let seconds = 0;
    const now = () => new Date(Date.parse('2026-07-01T12:00:00Z') + 1000 * seconds++);
    return { lines, temporalLog: createTemporalLog(log, now) };
  }
  const core = { sdkComponent: 'core' };

  it('says once that Temporal is away, and once that it is back', () => {
    const { lines, temporalLog } = written();
    for (let i = 0; i < 30; i++)
      temporalLog.logger.warn(`gRPC call poll_workflow_task_queue retried ${i} times`, core as never);
    expect(temporalLog.awaySince()).toEqual(new Date('2026-07-01T12:00:00Z'));
    temporalLog.markServing();
    temporalLog.markServing();
    expect(lines).toEqual([
      'warn Temporal is away since 2026-07-01T12:00:00.000Z; polls wait for it',
      'info Temporal is back after 1 s',
    ]);
    expect(temporalLog.awaySince()).toBeNull();
  });

  it('keeps warnings of workflows and activities, and hides what the SDK says of itself', () => {
    const { lines, temporalLog } = written();
    temporalLog.logger.warn('Activity failed: connection refused', { sdkComponent: 'activity' } as never);
    temporalLog.logger.info('Worker state changed', { sdkComponent: 'worker' } as never);
    temporalLog.logger.warn('[TMPRL1104] Workflow task duration exceeded 5 seconds.', core as never);
    expect(lines).toEqual([
      'warn Activity failed: connection refused',
      'debug Worker state changed',
      'debug [TMPRL1104] Workflow task duration exceeded 5 seconds.',
    ]);
  });
});
