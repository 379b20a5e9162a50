import { z } from 'zod';
import type { ChannelKind, Notice } from './channel.js';
import { type AlertMessage, composeMessage, type MessageItem, moreWords } from './message.js';
import { readSecretUrl, requireSecrets, secretParams, secretRef } from './secret.js';
import { breakMentions, codePoints, truncate } from './text.js';

const params = z.strictObject(secretParams('url')).superRefine(requireSecrets('url'));
type Params = z.infer<typeof params>;

const HEADER_MAX = 150;
const SECTION_MAX = 3000;
const BLOCKS_MAX = 50;
/** Slack refuses somewhere above 13,000 characters in all, and documents no figure. */
const TOTAL_MAX = 10_000;

const within = (max: number) =>
  z
    .string()
    .min(1)
    .refine((text) => codePoints(text) <= max, `over ${max} code points`);
/** `verbatim`: otherwise Slack itself turns `@here`, `#channel` and bare URLs in our text into mentions and links. */
const mrkdwn = z.strictObject({ type: z.literal('mrkdwn'), text: within(SECTION_MAX), verbatim: z.literal(true) });
const block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('header'),
    text: z.strictObject({ type: z.literal('plain_text'), text: within(HEADER_MAX), emoji: z.literal(false) }),
  }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn }),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn).min(1).max(10) }),
]);

/** A message as Slack takes it, with its limits. */
export const slackMessage = z
  .strictObject({
    text: within(SECTION_MAX),
    blocks: z.array(block).min(1).max(BLOCKS_MAX),
    unfurl_links: z.literal(false),
    unfurl_media: z.literal(false),
  })
  .refine((message) => codePoints(JSON.stringify(message)) <= TOTAL_MAX, `over ${TOTAL_MAX} code points in all`);
export type SlackMessage = z.infer<typeof slackMessage>;

/** Incoming webhook of a Slack app, Block Kit. One message a second per channel. */
export const slack: ChannelKind<Params> = {
  kind: 'slack',
  summary: 'A Slack incoming webhook: `url_env` or `url_file` names where its URL is.',
  params,
  open: (id, given, { post, readSecret }) => ({
    id,
    kind: 'slack',
    minIntervalMs: 1000,
    async send(notice, _now, signal) {
      const url = readSecretUrl(readSecret, secretRef(given, 'url'));
      return post({ url, headers: {}, body: JSON.stringify(renderSlack(notice)), secrets: [] }, signal);
    },
  }),
};

/** Renders a notice; shows fewer items, never half of one, rather than breaking a limit. */
export function renderSlack(notice: Notice): SlackMessage {
  const message = composeMessage(notice);
  for (let shown = message.items.length; ; shown--) {
    const fitted = slackMessage.safeParse(layOut(message, shown));
    if (fitted.success) return fitted.data;
    // Without items every part is bounded by `message.ts`, so this is a bug and no hostile input.
    if (shown === 0) throw fitted.error;
  }
}

function layOut(message: AlertMessage, shown: number): SlackMessage {
  const items = message.items.slice(0, shown).map(itemLine);
  const hidden = message.items.slice(shown).reduce((sum, item) => sum + item.reports, message.more);
  const title = escapeText(message.title);
  const lines = hidden > 0 ? [...items, escapeText(moreWords(hidden))] : items;
  return {
    text: truncate(`${title}: ${escapeText(message.value)}`, SECTION_MAX),
    blocks: [
      {
        type: 'header',
        // Plain text knows no markup, yet Slack reads its three control characters there too.
        text: { type: 'plain_text', text: fitEscaped(message.title, HEADER_MAX), emoji: false },
      },
      section([
        `*${escapeText(message.value)}*`,
        escapeText(message.reports),
        `${message.trend} 12 weeks · ${escapeText(message.share)}`,
      ]),
      section([
        `*Why:* ${escapeText(message.why)}`,
        ...(message.caution ? [`:warning: ${escapeText(message.caution)}`] : []),
      ]),
      ...(lines.length > 0 ? [section(lines)] : []),
      { type: 'context', elements: [text(escapeText(message.footer))] },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function itemLine(item: MessageItem): string {
  // A link ends at `>` or `|`; `URL` has encoded `<` and `>`, the bar is ours to encode.
  const title = escapeText(item.title);
  const linked = item.link ? `<${item.link.replaceAll('&', '&amp;').replaceAll('|', '%7C')}|${title}>` : title;
  return `• ${linked} (${escapeText(item.origin)}) — _${item.status}_`;
}

function section(lines: string[]): SlackMessage['blocks'][number] {
  return { type: 'section', text: text(lines.join('\n')) };
}

function text(content: string): z.infer<typeof mrkdwn> {
  return { type: 'mrkdwn', text: content, verbatim: true };
}

/** The three characters that are control characters to Slack; backticks could open a code block over several lines. */
function escapeText(content: string): string {
  const plain = content.replaceAll('`', "'");
  return breakMentions(plain).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Escaped text within `max`: cut before escaping, so that no `&amp;` is cut in two. */
function fitEscaped(content: string, max: number): string {
  for (let length = max; ; length--) {
    const escaped = escapeText(truncate(content, length));
    if (codePoints(escaped) <= max) return escaped;
  }
}
