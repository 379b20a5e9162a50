import type { Entry } from '../../core/identity/entry.js';

/** An entry with the given fields, everything else absent. */
export function entry(fields: Partial<Entry>): Entry {
  return {
    id: null,
    idIsPermalink: true,
    title: '',
    url: null,
    summary: '',
    publishedAt: null,
    publishedRaw: fields.publishedAt?.toUTCString() ?? null,
    updatedAt: null,
    language: null,
    ...fields,
  };
}
