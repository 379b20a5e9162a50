import { SECOND_CODER_SETTINGS } from './second-coder.js';

export interface Setting {
  name: string;
  /** What kind of value it takes, in words for documents. */
  type: string;
  /** The value without it; null when that depends on the machine (`defaultText` then says how). */
  defaultValue: string | null;
  defaultText: string;
  /** Never printed, and readable from a file by `NAME_FILE`. */
  secret: boolean;
  sentence: string;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Every environment variable that the program reads, once. `.env.example`, the documents and the checks come from this list. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'AXISWATCH_DATA_DIR',
    type: 'path',
    defaultValue: null,
    defaultText: "the platform's data folder ($XDG_DATA_HOME/axiswatch)",
    secret: false,
    sentence: 'Where the embedded Postgres and Temporal keep their data; the demo uses demo/ in it.',
  },
  {
    name: 'AXISWATCH_CACHE_DIR',
    type: 'path',
    defaultValue: null,
    defaultText: "the platform's cache folder ($XDG_CACHE_HOME/axiswatch)",
    secret: false,
    sentence: 'Where the Temporal CLI and the workflow bundle are kept; safe to delete.',
  },
  {
    name: 'AXISWATCH_CONFIG_DIR',
    type: 'path',
    defaultValue: null,
    defaultText: 'the shipped config/',
    secret: false,
    sentence: 'Folder of sources.yaml, rules.yaml, channels.yaml and codebook/; a missing file means the shipped one.',
  },
  {
    name: 'AXISWATCH_HOST',
    type: 'host',
    defaultValue: '127.0.0.1',
    defaultText: '127.0.0.1',
    secret: false,
    sentence: 'Address that the API and the dashboard listen on.',
  },
  {
    name: 'AXISWATCH_PORT',
    type: 'port',
    defaultValue: '8080',
    defaultText: '8080',
    secret: false,
    sentence: 'Port of the API and the dashboard; 0 takes a free one and prints it.',
  },
  {
    name: 'AXISWATCH_POSTGRES_PORT',
    type: 'port',
    defaultValue: '0',
    defaultText: '0',
    secret: false,
    sentence: 'Port of the embedded Postgres; 0 takes a free one.',
  },
  {
    name: 'AXISWATCH_TEMPORAL_PORT',
    type: 'port',
    defaultValue: '0',
    defaultText: '0',
    secret: false,
    sentence: 'Port of the embedded Temporal server; 0 takes a free one.',
  },
  {
    name: 'AXISWATCH_ALLOW_ADDRESSES',
    type: 'list of CIDRs and host names',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Comma-separated CIDRs and host names that feeds and webhooks may reach although they are private.',
  },
  {
    name: 'AXISWATCH_API_TOKEN',
    type: 'token',
    defaultValue: '',
    defaultText: 'empty',
    secret: true,
    sentence: 'Bearer token; required for writes, and for reads when bound beyond loopback.',
  },
  {
    name: 'AXISWATCH_CONTACT',
    type: 'mail address or http(s) URL',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'How a site that we poll can reach you; stands in the User-Agent. Some sites refuse readers without one.',
  },
  {
    name: 'AXISWATCH_AUTHOR',
    type: 'name, at most 100 characters',
    defaultValue: '',
    defaultText: 'the user of this machine',
    secret: false,
    sentence: 'Whose decisions "axiswatch review" records where --author does not say.',
  },
  {
    name: 'AXISWATCH_LOG_LEVEL',
    type: LOG_LEVELS.join(', '),
    defaultValue: 'info',
    defaultText: 'info',
    secret: false,
    sentence: 'How much is logged; JSON lines when stderr is no terminal.',
  },
  {
    name: 'DATABASE_URL',
    type: 'postgres URL',
    defaultValue: '',
    defaultText: 'embedded',
    secret: true,
    sentence: 'External Postgres 15 or later; without it a server is embedded.',
  },
  {
    name: 'TEMPORAL_ADDRESS',
    type: 'host:port',
    defaultValue: '',
    defaultText: 'embedded',
    secret: false,
    sentence: 'External Temporal server; without it and without a profile a server is embedded.',
  },
  {
    name: 'TEMPORAL_NAMESPACE',
    type: 'name',
    defaultValue: 'default',
    defaultText: 'default',
    secret: false,
    sentence: 'Temporal namespace.',
  },
  {
    name: 'TEMPORAL_PROFILE',
    type: 'name',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Profile of the Temporal configuration file to use.',
  },
  {
    name: 'TEMPORAL_CONFIG_FILE',
    type: 'path',
    defaultValue: '',
    defaultText: "Temporal's own place",
    secret: false,
    sentence: 'Temporal configuration file (TOML) with profiles.',
  },
  {
    name: 'TEMPORAL_API_KEY',
    type: 'token',
    defaultValue: '',
    defaultText: 'empty',
    secret: true,
    sentence: 'API key of a Temporal Cloud namespace.',
  },
  {
    name: 'TEMPORAL_TLS',
    type: 'true or false',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Whether to speak TLS with the Temporal server.',
  },
  {
    name: 'TEMPORAL_TLS_SERVER_NAME',
    type: 'host',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Server name to expect in the certificate of the Temporal server.',
  },
  {
    name: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    type: 'path',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Certificate authority (PEM) of the Temporal server.',
  },
  {
    name: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
    type: 'path',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Client certificate (PEM) for mutual TLS with the Temporal server.',
  },
  {
    name: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
    type: 'path',
    defaultValue: '',
    defaultText: 'empty',
    secret: false,
    sentence: 'Key (PEM) of that client certificate.',
  },
  {
    name: 'TEMPORAL_CLI_PATH',
    type: 'path',
    defaultValue: '',
    defaultText: 'searched',
    secret: false,
    sentence: 'The temporal binary for the embedded server.',
  },
  {
    name: 'AXISWATCH_TEMPORAL_DOWNLOAD_URL',
    type: 'http or https address',
    defaultValue: '',
    defaultText: "the release's own address",
    secret: false,
    sentence: 'Folder with the archives of the Temporal CLI release, for mirrors; HTTPS_PROXY is honoured.',
  },
  ...SECOND_CODER_SETTINGS,
];
