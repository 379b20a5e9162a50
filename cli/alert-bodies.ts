import type { AlertFacts } from '../core/alerts/facts.js';
import type { AlertRecord } from '../db/alerts.js';
import type { DeliveryRecord } from '../db/deliveries.js';

/** An alert as JSON for other programs: snake case, times ISO 8601 in UTC, absent is null. */
export function alertBody(alert: AlertRecord) {
  const { facts } = alert;
  return {
    id: alert.id,
    rule: alert.ruleId,
    kind: alert.kind,
    severity: alert.severity,
    raised_at: alert.raisedAt.toISOString(),
    acknowledged_at: alert.acknowledgedAt?.toISOString() ?? null,
    headline: facts.headline,
    reason: facts.rule.reason,
    series: facts.series,
    measure: facts.measure,
    value: facts.value,
    usual: facts.usual,
    window: facts.window,
    coverage: facts.coverage,
    families: facts.families,
    statuses: facts.statuses,
    words: facts.words,
    items: facts.items.map(itemBody),
    total_items: facts.totalItems,
    codebook_versions: facts.versions.codebook,
    coder_versions: facts.versions.coder,
    deliveries: alert.deliveries,
  };
}

function itemBody({ id, title, url, outlet, day, status, similar }: AlertFacts['items'][number]) {
  return { id, title, url, outlet, day, status, similar };
}

export function deliveryBody(delivery: DeliveryRecord) {
  return {
    id: delivery.id,
    alert: delivery.alertId,
    title: delivery.title,
    channel: delivery.channelId,
    transition: delivery.transition,
    state: delivery.state,
    attempts: delivery.attempts,
    created_at: delivery.createdAt.toISOString(),
    sent_at: delivery.sentAt?.toISOString() ?? null,
    next_attempt_at: delivery.state === 'pending' ? delivery.nextAttemptAt.toISOString() : null,
    status: delivery.status,
    reason: delivery.reason,
    detail: delivery.detail,
  };
}
