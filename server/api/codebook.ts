import { ParameterReader } from '../../core/trends/parameters.js';
import { FORMATS } from '../../core/trends/query.js';
import { readDomains, readPolarity } from '../../core/trends/vocabulary.js';
import type { Question } from './context.js';

export interface IndicatorsBody {
  codebook_version: string;
  domains: Array<{ name: string; prefix: string }>;
  indicators: Array<{
    id: string;
    title: string;
    domain: string;
    polarity: number;
    direction: string;
    definition: string;
  }>;
}

/** The codebook in use: what each indicator means. */
export const indicators: Question<IndicatorsBody> = {
  parameters: ['domain', 'polarity', 'format'],
  columns: ['id', 'title', 'domain', 'polarity', 'direction', 'definition'],

  async ask({ codebook }, parameters) {
    const reader = new ParameterReader(parameters, indicators.parameters);
    const domains = readDomains(reader, codebook);
    const polarity = readPolarity(reader);
    reader.oneOf('format', 'a format', FORMATS, 'json');
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    return {
      kind: 'answer',
      body: {
        codebook_version: codebook.version,
        domains: codebook.domains.map(({ name, code }) => ({ name, prefix: code })),
        indicators: codebook.indicators
          .filter((indicator) => domains.length === 0 || domains.includes(indicator.domain))
          .filter((indicator) => polarity === null || indicator.polarity === polarity)
          .map(({ id, title, domain, polarity: sign, direction, definition }) => ({
            id,
            title,
            domain,
            polarity: sign,
            direction,
            definition,
          })),
      },
    };
  },

  rows(body) {
    return body.indicators;
  },
};

export interface DyadsBody {
  codebook_version: string;
  members: Array<{ code: string; name: string }>;
  dyads: Array<{ id: string; members: string[]; name: string }>;
}

/** Members of the codebook and the dyads that follow from them. */
export const dyads: Question<DyadsBody> = {
  parameters: ['format'],
  columns: ['id', 'name'],

  async ask({ codebook }, parameters) {
    const reader = new ParameterReader(parameters, dyads.parameters);
    reader.oneOf('format', 'a format', FORMATS, 'json');
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    const nameOf = (code: string) => codebook.members.find((member) => member.code === code)?.name ?? code;
    return {
      kind: 'answer',
      body: {
        codebook_version: codebook.version,
        members: codebook.members.map(({ code, name }) => ({ code, name })),
        dyads: codebook.dyads.map((id) => {
          const members = id.split('-');
          return { id, members, name: members.map(nameOf).join(' and ') };
        }),
      },
    };
  },

  rows(body) {
    return body.dyads.map(({ id, name }) => ({ id, name }));
  },
};
