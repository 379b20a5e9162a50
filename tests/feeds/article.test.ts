import { describe, expect, it } from 'vitest';
import { readArticle } from '../../feeds/article.js';

const CONTEXT = { now: new Date('2026-11-24T12:00:00Z'), timezone: null };
const read = (html: string) => readArticle(html, CONTEXT);
const page = (head: string, body = '') => `<!doctype html><html><head>${head}</head><body>${body}</body></html>`;
const json = (value: unknown) => `<script type="application/ld+json">${JSON.stringify(value)}</script>`;

describe('what a page says of its article', () => {
  it('takes Open Graph before JSON-LD before plain HTML, and tells where from', () => {
    const article = read(
      `<html lang="ru-RU"><head><title>Plain</title><meta name="description" content="Plain text">
      <meta property="og:title" content="Tehran &amp; Moscow sign"><meta property="og:description" content="The &lt;b&gt;treaty&lt;/b&gt;  text">
      <meta property="article:published_time" content="2026-11-23T10:00:00+03:00">
      ${json({ '@type': 'NewsArticle', headline: 'Of JSON', description: 'Of JSON', datePublished: '2026-11-01' })}</head></html>`,
    );
    expect(article).toEqual({
      title: { value: 'Tehran & Moscow sign', from: 'og:title' },
      summary: { value: 'The treaty text', from: 'og:description' },
      language: { value: 'ru', from: 'lang attribute' },
      publishedAt: { value: new Date('2026-11-23T07:00:00Z'), from: 'article:published_time' },
    });
  });

  it.each([
    ['one object', { '@type': 'NewsArticle', headline: 'H', description: 'D' }],
    [
      'a list',
      [
        { '@type': 'WebSite', headline: 'No' },
        { '@type': ['Thing', 'ReportageNewsArticle'], headline: 'H', description: 'D' },
      ],
    ],
    [
      'a graph',
      { '@graph': [{ '@type': 'Organization' }, { '@type': 'BlogPosting', headline: 'H', description: 'D' }] },
    ],
  ])('reads JSON-LD that is %s', (_, value) => {
    const { title, summary } = read(page(json(value)));
    expect([title, summary]).toEqual([
      { value: 'H', from: 'JSON-LD headline' },
      { value: 'D', from: 'JSON-LD description' },
    ]);
  });

  it('reads on where JSON-LD is broken or no article', () => {
    const broken = '<script type="application/ld+json">{"@type": "NewsArticle", </script>';
    const { title } = read(
      page(`${broken}${json(null)}${json({ '@type': 'Person', headline: 'No' })}<title>Yes</title>`),
    );
    expect(title).toEqual({ value: 'Yes', from: 'title' });
  });

  it.each([
    [
      'the title without the outlet',
      '<meta property="og:site_name" content="Agency"><title>News of the day | Agency</title>',
      'News of the day',
      'title',
    ],
    [
      'a title that is the outlet alone',
      '<meta property="og:site_name" content="Agency"><title>Agency</title>',
      'Agency',
      'title',
    ],
    ['the first heading', '', 'Heading', 'h1'],
    ['an empty og:title is none', '<meta property="og:title" content=" "><title>Plain</title>', 'Plain', 'title'],
    ['the title of a drawing is none', '<svg><title>Icon</title></svg><title>Plain</title>', 'Plain', 'title'],
  ])('%s', (_, head, value, from) => {
    expect(read(page(head, '<h1>Heading</h1>')).title).toEqual({ value, from });
  });

  it('gives nulls where the page says nothing, and no date of the future', () => {
    const article = read(page('<meta property="article:published_time" content="2030-01-01">', '<p>Text</p>'));
    expect(article).toEqual({ title: null, summary: null, language: null, publishedAt: null });
  });

  it('bounds what a hostile page can make it keep', () => {
    const article = read(page(`<title>${'a'.repeat(2_000_000)}`));
    expect(article.title?.value.length ?? 0).toBeLessThanOrEqual(1000);
    expect(read(`<html>${'<svg>'.repeat(50_000)}`).title).toBeNull();
  });
});
