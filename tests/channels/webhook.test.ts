import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../channels/text.js';
import { renderWebhook, signedHeaders, WEBHOOK_MAX_BYTES } from '../../channels/webhook.js';
import { HOSTILE_TITLES, ITEM, noticeOf } from '../support/sample-notice.js';

describe('the signature is that of Standard Webhooks', () => {
  it('gives the published example: key, id, time and body to one v1 signature', () => {
    // Test vector of the standard's reference libraries (standard-webhooks, libraries/python/tests).
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const body = '{"test": 2432232314}';
    expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1614265330_000), body, [key])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is made with every secret while one is being replaced', () => {
    const keys = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)];
    const expected = keys.map((key) => `v1,${createHmac('sha256', key).update('id.1.body').digest('base64')}`);
    expect(signedHeaders('id', new Date(1000), 'body', keys)['webhook-signature']).toBe(expected.join(' '));
  });
});

describe('the body', () => {
  it('has the facts in snake case, the clean words of the message, and nothing else', () => {
    const { type, timestamp, data } = JSON.parse(renderWebhook(noticeOf()));
    expect({ type, timestamp }).toEqual({ type: 'alert.raised', timestamp: '2026-11-22T14:03:00.000Z' });
    expect(data).toMatchObject({
      id: '01930000-0000-7000-8000-00000000000a',
      delivery_id: '01930000-0000-7000-8000-00000000000d',
      title: '▲ AAA–BBB · Dual-use goods · 5 or more in 7 days',
      severity: 'high',
      series: { dyad: 'AAA-BBB', domain: 'economic', indicator: 'x.trade' },
      value: 14,
      usual: 4,
      window: { start: '2026-11-16', end: '2026-11-22', days: 7 },
      coverage: { day: '2026-11-21', read: 41, of: 44 },
      total_items: 20,
      codebook_versions: ['1.0+3f9a0c21'],
    });
    expect(data.items[2]).toEqual({
      id: 'i3',
      title: 'Ministry denies it',
      url: null,
      outlet: 'Outlet C',
      bloc: 'western',
      language: 'en',
      day: '2026-11-20',
      status: 'denied',
      similar: 0,
    });
    expect(data.text.split('\n')).toHaveLength(10);
    expect(JSON.stringify(data)).not.toMatch(/"[a-z]+[A-Z][A-Za-z]*":/);
  });

  it('is the same for every attempt', () => {
    expect(renderWebhook(noticeOf())).toBe(renderWebhook(noticeOf()));
  });

  it.each(HOSTILE_TITLES)('is small and clean with hostile title %#', (title) => {
    const item = { ...ITEM, title, outlet: title, url: `javascript:${title}` };
    const body = renderWebhook(noticeOf({ items: Array(5).fill(item), words: Array(6).fill(title) }));
    expect(utf8Bytes(body)).toBeLessThanOrEqual(WEBHOOK_MAX_BYTES);
    const { items } = JSON.parse(body).data;
    expect(items[0].url).toBeNull();
    expect(items[0].title).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
  });
});
