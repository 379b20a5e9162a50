import type { MiddlewareHandler } from 'hono';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AskContext } from './api/context.js';
import { askStatus, FEED_STATES, type Readiness } from './api/status.js';

export interface Metrics {
  registry: Registry;
  /** Counts and times every request by route, method and status. */
  measure: MiddlewareHandler;
}

/** Prometheus metrics of this process and of the feeds; the database is asked when somebody scrapes, not before. */
export function createMetrics(context: AskContext, readiness: () => Promise<Readiness>): Metrics {
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
  new Gauge({
    name: 'axiswatch_ready',
    help: '1 when database, migrations and Temporal are ready.',
    registers: [registry],
    async collect() {
      const status = await askStatus(context, readiness);
      this.set(status.ready ? 1 : 0);
      for (const state of FEED_STATES) feeds.set({ state }, status.feeds.filter((feed) => feed.state === state).length);
      lag.set(status.lag_seconds ?? 0);
    },
  });
  return {
    registry,
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
