import { ParameterReader } from '../../core/trends/parameters.js';
import { FORMATS } from '../../core/trends/query.js';
import type { Question } from './context.js';

export interface SourcesBody {
  sources: Array<{
    id: string;
    name: string;
    country: string | null;
    language: string | null;
    bloc: string;
    family: string;
    timezone: string | null;
    feeds: Array<{ id: string; url: string; kind: string; every_seconds: number }>;
  }>;
}

/** The configured sources with their feeds. How the feeds do is in `status`. */
export const sources: Question<SourcesBody> = {
  parameters: ['format'],
  columns: ['source', 'name', 'bloc', 'family', 'id', 'url', 'kind', 'every_seconds'],

  async ask({ config }, parameters) {
    const reader = new ParameterReader(parameters, sources.parameters);
    reader.oneOf('format', 'a format', FORMATS, 'json');
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    return {
      kind: 'answer',
      body: {
        sources: config.sources.map(({ id, name, country, language, bloc, family, timezone, feeds }) => ({
          id,
          name,
          country,
          language,
          bloc,
          family,
          timezone,
          feeds: feeds.map((feed) => ({
            id: feed.id,
            url: withoutSecrets(feed.url),
            kind: feed.kind,
            every_seconds: feed.everySeconds,
          })),
        })),
      },
    };
  },

  rows(body) {
    return body.sources.flatMap(({ feeds, ...source }) =>
      feeds.map((feed) => ({
        source: source.id,
        name: source.name,
        bloc: source.bloc,
        family: source.family,
        ...feed,
      })),
    );
  },
};

/** A feed URL may carry a user name and password: they are not for readers. */
function withoutSecrets(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === '' && url.password === '') return text;
  url.username = '';
  url.password = '';
  return url.href;
}
