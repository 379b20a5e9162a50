import { randomBytes, randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { createColors } from 'picocolors';
import { deliverDue, listPendingChannels } from '../../activities/deliver-alerts.js';
import { readEnv } from '../../config/env.js';
import { sampleFacts } from '../../core/alerts/sample-facts.js';
import { Failure } from '../../core/errors.js';
import { uuidv7 } from '../../core/identity/uuidv7.js';
import { nearestValue } from '../../core/nearest.js';
import { type AlertRecord, listAlerts } from '../../db/alerts.js';
import { type DeliveryRecord, listDeliveries, resendDelivery } from '../../db/deliveries.js';
import { buildAlertDeps, openConfiguredChannels } from '../../runtime/alert-deps.js';
import { loadInstallation } from '../../runtime/load-installation.js';
import { plural, showTime } from '../../server/words.js';
import { drainDeliveries } from '../../workflows/drain-deliveries.js';
import { alertBody, deliveryBody } from '../alert-bodies.js';
import { type Screen, screenOf } from '../ask.js';
import { EXIT, type Io, UsageError } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { cleanText, cutText, renderTable } from '../table.js';

const MAX_LIMIT = 1000;

interface ListOptions {
  json?: boolean;
  limit: number;
}

/** `axiswatch alerts list|test|deliveries|resend`. */
export function build(io: Io, exit: (code: number) => void): Command {
  const command = new Command('alerts').description('What was raised, and whether it arrived.');
  addList(command, 'list', 'alerts, newest first', async ({ json, limit }) => {
    const alerts = await withContext(io, 'axiswatch alerts', ({ sql }) => listAlerts(sql, limit));
    const text = json ? toJson({ alerts: alerts.map(alertBody) }) : showAlerts(alerts, screenOf(io));
    io.out.write(text);
  });
  addList(command, 'deliveries', 'what went where, newest first', async ({ json, limit }) => {
    const rows = await withContext(io, 'axiswatch alerts', ({ sql }) => listDeliveries(sql, limit));
    io.out.write(json ? toJson({ deliveries: rows.map(deliveryBody) }) : showDeliveries(rows, screenOf(io)));
  });
  command
    .command('test')
    .description('send a sample alert to a channel, now')
    .argument('<channel>', 'id of a channel in channels.yaml')
    .option('--json', 'the outcome as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      if (!(await testChannel(io, id, options))) exit(EXIT.failed);
    });
  command
    .command('resend')
    .description('try a delivery again, or all of an alert that failed')
    .argument('<id>', 'id of a delivery or an alert')
    .action(async (id: string) => {
      const sent = await withContext(io, 'axiswatch alerts', (context) => resend(io, id, context));
      if (!sent) exit(EXIT.failed);
    });
  return command;
}

function addList(command: Command, name: string, description: string, run: (options: ListOptions) => Promise<void>) {
  command
    .command(name)
    .description(description)
    .option('--json', 'as JSON')
    .option('--limit <count>', `how many, 1 to ${MAX_LIMIT}`, readLimit, 50)
    .action(run);
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`must be a number from 1 to ${MAX_LIMIT}`);
}

const toJson = (body: object) => `${JSON.stringify(body, null, 2)}\n`;

/** Sends the sample; true when it was accepted. Needs no database. */
async function testChannel(io: Io, id: string, { json }: { json?: boolean }): Promise<boolean> {
  const env = readEnv(io.env);
  const { codebook, config } = loadInstallation(env.configDir);
  const channels = openConfiguredChannels({ config, env });
  const channel = channels.get(id);
  if (!channel) throw new UsageError(unknownChannel(id, [...channels.keys()]));
  const now = new Date();
  const testId = randomUUID();
  const notice = {
    deliveryId: testId,
    alertId: testId,
    transition: 'test',
    raisedAt: now,
    facts: sampleFacts(codebook, now),
  } as const;
  const about = { channel: id, kind: channel.kind };
  try {
    const { status } = await channel.send(notice, now, new AbortController().signal);
    io.out.write(
      json
        ? toJson({ ...about, sent: true, status, reason: null, detail: null })
        : `sent: ${id} (${channel.kind}) answered ${status}\n`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { reason, message, more } = error;
    if (json) io.out.write(toJson({ ...about, sent: false, status: more.status ?? null, reason, detail: message }));
    else io.err.write(`not sent: ${id} (${channel.kind}): ${reason}: ${cleanText(message)}\n`);
    return false;
  }
}

function unknownChannel(id: string, known: string[]): string {
  if (known.length === 0) return `no channel "${id}": channels.yaml has none`;
  const meant = nearestValue(id, known);
  return `no channel "${id}": ${meant ? `did you mean "${meant}"?` : `channels are ${known.join(', ')}`}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Puts it back into the outbox and sends what is due; true when everything of it arrived. */
async function resend(io: Io, id: string, { sql, env, log, clock }: OpenContext): Promise<boolean> {
  if (!UUID.test(id)) throw new UsageError(`"${id}" is no id: axiswatch alerts deliveries shows them`);
  const now = new Date();
  const ids = await resendDelivery(sql, id, now, uuidv7(now, randomBytes(10)));
  if (ids.length === 0) throw new UsageError(`no delivery and no undelivered alert has the id ${id}`);
  const deps = buildAlertDeps({ ...loadInstallation(env.configDir), env, sql, log, clock });
  const runtime = {
    heartbeat: () => undefined,
    lastHeartbeat: () => undefined,
    signal: new AbortController().signal,
    attempt: 1,
  };
  await drainDeliveries(
    {
      listPendingChannels: () => listPendingChannels(deps),
      deliverDue: (input) => deliverDue(deps, runtime, input),
      wait: async () => undefined,
    },
    { maxWaitMs: 0, maxCalls: 200 },
  );
  const rows = (await listDeliveries(sql, MAX_LIMIT)).filter((row) => ids.includes(row.id));
  io.out.write(showDeliveries(rows, screenOf(io)));
  return rows.every(({ state }) => state === 'sent');
}

function showAlerts(alerts: AlertRecord[], screen: Screen): string {
  if (alerts.length === 0) return 'No alert was raised yet.\n';
  const colours = createColors(screen.colour);
  const rows = alerts.map((alert) => {
    const { symbol, series, headline, value, usual, measure } = alert.facts;
    const severity = alert.severity === 'high' ? colours.bold('high') : alert.severity;
    const went = alert.deliveries.map(({ channel, state }) => (state === 'sent' ? channel : `${channel} (${state})`));
    return [
      showTime(alert.raisedAt),
      severity,
      cutText(`${symbol} ${cleanText(series.title)} · ${headline}`, Math.max(64, screen.width - 60)),
      measure === 'stories' ? plural(value, 'story', 'stories') : plural(value, 'item'),
      usual === null ? '–' : String(usual),
      went.join(', ') || '–',
    ];
  });
  const columns = ['raised', 'severity', 'alert', 'now', 'usual', 'channels'].map((title) => ({
    title,
    right: title === 'now' || title === 'usual',
  }));
  return renderTable(columns, rows);
}

function showDeliveries(deliveries: DeliveryRecord[], screen: Screen): string {
  if (deliveries.length === 0) return 'Nothing was to be delivered yet.\n';
  const rows = deliveries.map((row) => [
    row.id,
    row.channelId,
    row.state,
    String(row.attempts),
    row.state === 'pending' ? `next ${showTime(row.nextAttemptAt)}` : showTime(row.sentAt ?? row.createdAt),
    cutText(cleanText(row.title), 48),
    row.reason ? cutText(`${row.reason}: ${cleanText(row.detail ?? '')}`, Math.max(60, screen.width)) : '',
  ]);
  const titles = ['delivery', 'channel', 'state', 'tries', 'time', 'alert', 'trouble'];
  return renderTable(
    titles.map((title) => ({ title, right: title === 'tries' })),
    rows,
  );
}
