import type { AlertFacts } from './facts.js';

export interface Route {
  match: { dyad?: string[]; domain?: string[]; indicator?: string[]; severity?: string[]; bloc?: string[] };
  channels: string[];
  /** Look at the routes after this one too. */
  continue: boolean;
}

/** What a route can be matched by. */
export interface Routable {
  dyad: string | null;
  domain: string | null;
  indicator: string | null;
  severity: string;
  /** Blocs of the outlets behind the alert. */
  blocs: string[];
}

export interface Routing {
  /** Distinct, in the order of the routes. */
  channels: string[];
  /** Index of each route that matched: why it went where it went. */
  routes: number[];
}

/**
 * The channels of an alert: the first route that matches, and the ones after it as long as they say `continue`. A route
 * without conditions matches everything; a field that the alert has no value for (the indicator of a dyad's alert) matches
 * no condition on it.
 */
export function matchRoutes(routes: readonly Route[], alert: Routable): Routing {
  const found: Routing = { channels: [], routes: [] };
  for (const [index, route] of routes.entries()) {
    if (!matches(route, alert)) continue;
    found.routes.push(index);
    for (const channel of route.channels) if (!found.channels.includes(channel)) found.channels.push(channel);
    if (!route.continue) break;
  }
  return found;
}

function matches({ match }: Route, alert: Routable): boolean {
  return (
    holds(match.dyad, [alert.dyad]) &&
    holds(match.domain, [alert.domain]) &&
    holds(match.indicator, [alert.indicator]) &&
    holds(match.severity, [alert.severity]) &&
    holds(match.bloc, alert.blocs)
  );
}

function holds(wanted: readonly string[] | undefined, values: ReadonlyArray<string | null>): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  return values.some((value) => value !== null && wanted.includes(value));
}

export function routableOf(facts: AlertFacts): Routable {
  return {
    dyad: facts.series.dyad,
    domain: facts.series.domain,
    indicator: facts.series.indicator,
    severity: facts.rule.severity,
    blocs: facts.blocs,
  };
}
