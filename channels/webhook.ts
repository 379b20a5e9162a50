import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../core/errors.js';
import type { ChannelKind, Notice } from './channel.js';
import { composeMessage, plainText } from './message.js';
import { readSecretUrl, requireSecrets, secretParams, secretRef } from './secret.js';
import { cleanText, safeLink, utf8Bytes } from './text.js';

const params = z
  .strictObject({
    ...secretParams('url'),
    ...secretParams('secret'),
    /** Least time between two sends. */
    interval_ms: z.number().int().min(0).max(20_000).default(0),
  })
  .superRefine(requireSecrets('url', 'secret'));
type Params = z.infer<typeof params>;

/** Ours: what a small receiver can be expected to take. */
export const WEBHOOK_MAX_BYTES = 256 * 1024;
const MAX_TEXT = 1000;

export const webhookBody = z
  .string()
  .refine((body) => utf8Bytes(body) <= WEBHOOK_MAX_BYTES, `over ${WEBHOOK_MAX_BYTES} bytes`);

/**
 * Any HTTP receiver, signed as Standard Webhooks has it (standardwebhooks.com): `webhook-id` is the delivery's id on every
 * attempt, so a receiver that keeps the ids it has seen gets every alert exactly once.
 */
export const webhook: ChannelKind<Params> = {
  kind: 'webhook',
  summary: 'A signed HTTP POST (Standard Webhooks): `url_env|url_file` and `secret_env|secret_file`.',
  params,
  open: (id, given, { post, readSecret }) => ({
    id,
    kind: 'webhook',
    minIntervalMs: given.interval_ms,
    async send(notice, now, signal) {
      const url = readSecretUrl(readSecret, secretRef(given, 'url'));
      const ref = secretRef(given, 'secret');
      const secrets = readSecret(ref)
        .split(/[\s,]+/)
        .filter(Boolean);
      const body = renderWebhook(notice);
      const headers = signedHeaders(
        notice.deliveryId,
        now,
        body,
        secrets.map((secret) => readKey(secret, ref)),
      );
      return post({ url, headers, body, secrets }, signal);
    },
  }),
};

/** `webhook-id`, `webhook-timestamp` (seconds) and one `v1` signature for each key, the newest first, for rotation. */
export function signedHeaders(id: string, now: Date, body: string, keys: readonly Buffer[]): Record<string, string> {
  const timestamp = Math.floor(now.getTime() / 1000).toString();
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** `whsec_` and 24 to 64 bytes in base64. */
function readKey(secret: string, ref: { env?: string; file?: string }): Buffer {
  const encoded = secret.replace(/^whsec_/, '');
  const key = Buffer.from(encoded, 'base64');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && key.length >= 24 && key.length <= 64) return key;
  const where = ref.env ?? ref.file;
  throw new Failure('invalid-config', `${where} must hold secrets like whsec_<base64 of 24 to 64 bytes>`);
}

/** The body of a notice; shows fewer items rather than breaking the limit. Equal for every attempt. */
export function renderWebhook(notice: Notice): string {
  for (let shown = notice.facts.items.length; ; shown--) {
    const body = webhookBody.safeParse(JSON.stringify(bodyOf(notice, shown)));
    if (body.success) return body.data;
    if (shown === 0) throw body.error; // a bug: without items everything is bounded
  }
}

function bodyOf(notice: Notice, shown: number) {
  const { facts } = notice;
  const message = composeMessage(notice);
  return {
    type: notice.transition === 'test' ? 'alert.test' : `alert.${notice.transition}`,
    timestamp: notice.raisedAt.toISOString(),
    data: {
      id: notice.alertId,
      delivery_id: notice.deliveryId,
      title: message.title,
      text: plainText({ ...message, items: message.items.slice(0, shown) }),
      headline: facts.headline,
      severity: facts.rule.severity,
      rule: { id: facts.rule.id, kind: facts.rule.kind, condition: facts.rule.condition, reason: facts.rule.reason },
      series: facts.series,
      measure: facts.measure,
      value: facts.value,
      usual: facts.usual,
      window: facts.window,
      provisional: facts.provisional,
      weeks: facts.history,
      coverage: facts.coverage,
      tracked_stories: facts.tracked,
      families: facts.families,
      outlets: facts.outlets,
      languages: facts.languages,
      blocs: facts.blocs,
      statuses: facts.statuses,
      words: facts.words.map((word) => cleanText(word, 100)),
      items: facts.items.slice(0, shown).map((item) => ({
        id: item.id,
        title: cleanText(item.title, MAX_TEXT),
        url: safeLink(item.url),
        outlet: cleanText(item.outlet, MAX_TEXT),
        bloc: item.bloc,
        language: item.language,
        day: item.day,
        status: item.status,
        similar: item.similar,
      })),
      total_items: facts.totalItems,
      codebook_versions: facts.versions.codebook,
      coder_versions: facts.versions.coder,
    },
  };
}
