import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderSlack, slackMessage } from '../../channels/slack.js';
import { cleanText, codePoints, truncate, utf8Bytes } from '../../channels/text.js';
import { renderWebhook, WEBHOOK_MAX_BYTES } from '../../channels/webhook.js';
import { ITEM, noticeOf } from '../support/sample-notice.js';

/** Any code units, lone surrogates included, with the characters that chats treat specially made likely. */
const nasty = fc.array(
  fc.oneof(
    fc.constantFrom(
      '<',
      '>',
      '&',
      '|',
      '@',
      '`',
      '*',
      '\u202e',
      '\u0000',
      '\n',
      '\ud83d',
      '\udc69',
      '\u200d',
      '!channel',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  ),
  { maxLength: 400 },
);
const text = nasty.map((parts) => parts.join(''));
const url = fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), text, fc.constant(null));

it('whatever a feed holds, the message keeps the limits of Slack and opens no markup but our links', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ title: text, outlet: text, url }), { maxLength: 5 }),
      fc.array(text),
      (found, words) => {
        const items = found.map((part) => ({ ...ITEM, ...part }));
        const message = renderSlack(noticeOf({ items, words: words.slice(0, 6), families: words, totalItems: 99 }));
        expect(slackMessage.safeParse(message).success).toBe(true);
        for (const block of message.blocks) {
          const shown = 'elements' in block ? block.elements[0]!.text : block.text.text;
          expect(shown.replace(/<https?:\/\/[^<>|\s]+\|[^<>]*>/g, '')).not.toMatch(/[<>]/);
          expect(shown.replace(/<https?:[^|]*\|/g, '')).not.toMatch(/@[\p{L}\p{N}_]|&(?!amp;|lt;|gt;)/u);
        }
        expect(utf8Bytes(renderWebhook(noticeOf({ items, words, families: [] })))).toBeLessThanOrEqual(
          WEBHOOK_MAX_BYTES,
        );
      },
    ),
    { numRuns: 150 },
  );
});

it('cleaning is idempotent and keeps its limit; truncating keeps whole characters', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 300 }), (input, max) => {
      const clean = cleanText(input, max);
      expect(codePoints(clean)).toBeLessThanOrEqual(max);
      expect(cleanText(clean, max)).toBe(clean);
      expect(codePoints(truncate(input, max))).toBeLessThanOrEqual(Math.max(1, max));
    }),
    { numRuns: 300 },
  );
});
