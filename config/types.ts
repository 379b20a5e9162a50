/** Shapes of the configuration files after checking. The zod schemas in `schema.ts` produce exactly these. */
export interface FeedConfig {
  id: string;
  url: string;
  kind: 'feed' | 'html-list' | 'search';
  everySeconds: number;
  options: Record<string, unknown>;
}

/** What `FeedConfig.options` may hold; the keys of `sources.yaml` are `user_agent`, `insecure_tls` and `list`. */
export interface FeedOptions {
  /** Instead of our own User-Agent. */
  userAgent?: string;
  /** Accept any certificate. */
  insecureTls?: boolean;
  /** CSS selectors of a feed of kind `html-list`; all but `entry` are looked up inside an entry. */
  list?: { entry: string; title?: string; link?: string; date?: string; summary?: string };
}

export interface SourceConfig {
  id: string;
  name: string;
  country: string | null;
  language: string | null;
  bloc: string;
  family: string;
  timezone: string | null;
  feeds: FeedConfig[];
}

export interface RuleScope {
  dyad?: string[];
  domain?: string[];
  indicator?: string[];
  polarity?: 1 | -1;
  status?: string[];
  bloc?: string[];
  /** A number once the codebook is known; `alert` names its threshold. */
  confidence?: number | 'alert';
}

export interface RuleConfig {
  id: string;
  kind: string;
  scope: RuleScope;
  severity: 'low' | 'medium' | 'high';
  /** Parameters of its kind, checked by the kind's own schema. */
  params: Record<string, unknown>;
}

export interface ChannelConfig {
  id: string;
  kind: string;
  /** Parameters of its kind; secrets only as names of environment variables or files. */
  params: Record<string, unknown>;
}

export interface RouteConfig {
  match: { dyad?: string[]; domain?: string[]; indicator?: string[]; severity?: string[]; bloc?: string[] };
  channels: string[];
  continue: boolean;
}

export interface Config {
  directory: string;
  sources: SourceConfig[];
  rules: RuleConfig[];
  channels: ChannelConfig[];
  routes: RouteConfig[];
}
