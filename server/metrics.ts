import type { MiddlewareHandler } from 'hono';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Log } from '../activities/deps.js';
import type { AskContext } from './api/context.js';
import { askStatus, FEED_STATES, type Readiness } from './api/status.js';

export interface Metrics {
  contentType: string;
  /** The metrics as text, with the state of the feeds of this moment. */
  render(): Promise<string>;
  /** Counts and times every request by route, method and status. */
  measure: MiddlewareHandler;
}

/** Prometheus metrics of this process and of the feeds; the database is asked when somebody scrapes, not before. */
export function createMetrics(context: AskContext, readiness: () => Promise<Readiness>, log: Log): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'axiswatch_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'axiswatch_http_request_seconds',
    help: 'Time to answer an HTTP request.',
    labelNames: ['route'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const feeds = new Gauge({
    name: 'axiswatch_feeds',
    help: 'Configured feeds by state.',
    labelNames: ['state'],
    registers: [registry],
  });
  const lag = new Gauge({
    name: 'axiswatch_poll_lag_seconds',
    help: 'By how much the most overdue feed is late.',
    registers: [registry],
  });
  const ready = new Gauge({
    name: 'axiswatch_ready',
    help: '1 when database, migrations and Temporal are ready.',
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    async render() {
      const status = await askStatus(context, readiness).catch((error: unknown) => {
        // A scrape is how an operator hears of it, so it must not fail itself.
        log.warn({ err: error }, 'metrics without the state of the feeds');
        return null;
      });
      ready.set(status?.ready ? 1 : 0);
      for (const state of status ? FEED_STATES : [])
        feeds.set({ state }, status?.feeds.filter((feed) => feed.state === state).length ?? 0);
      if (status) lag.set(status.lag_seconds ?? 0);
      return registry.metrics();
    },
    async measure(c, next) {
      const end = seconds.startTimer();
      await next();
      // The pattern, never the path: paths are without end, and each would be a series of its own.
      const route = c.req.routePath === '/*' ? 'other' : c.req.routePath;
      end({ route });
      requests.inc({ route, method: c.req.method, status: String(c.res.status) });
    },
  };
}
