/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
// biome-ignore-all lint/a11y/noRedundantRoles: on a phone the table is laid out as cards, which takes the implied roles away
import type { Codebook } from '../../core/codebook/codebook.js';
import { lastDayOf } from '../../core/trends/buckets.js';
import type { ItemBody } from '../api/items.js';
import type { MatrixBody, MatrixCell } from '../api/matrix.js';
import type { FeedStatus } from '../api/status.js';
import { Sparkline } from '../charts/sparkline.js';
import { describeFeed, plural, safeLink, showDay, showDyad, showPercent, showTime } from '../words.js';
import { Highlighted } from './highlighted.js';
import { LabelChip } from './label-chip.js';

export type PageItem = ItemBody & { summary: string; source_name: string };

export interface Overview {
  codebook: Codebook;
  matrix: MatrixBody;
  items: PageItem[];
  feeds: FeedStatus[];
  sources: { covered: number; sources: number };
  /** What the items are narrowed to; null when they are not. */
  dyad: string | null;
  domain: string | null;
  /** Parameters of the range as given, kept in links. */
  range: Record<string, string>;
  now: Date;
}

const RANGES = [
  { name: '12 weeks', last: '12w', granularity: 'week' },
  { name: '1 year', last: '1y', granularity: 'month' },
  { name: '2 years', last: '2y', granularity: 'month' },
  { name: '5 years', last: '5y', granularity: 'month' },
];

/** `/`: who works with whom in what, how well we looked, and the words behind it. */
export function OverviewPage(page: Overview) {
  return (
    <>
      <Matrix {...page} />
      <FeedHealthSection {...page} />
      <ItemsSection {...page} />
    </>
  );
}

function linkTo(page: Overview, more: Record<string, string | null>): string {
  const search = new URLSearchParams(page.range);
  for (const [name, value] of Object.entries(more)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  return search.size === 0 ? '/' : `/?${search}`;
}

function Matrix(page: Overview) {
  const { matrix, codebook, sources, feeds, now } = page;
  const points = matrix.rows[0]?.cells[0]?.points ?? [];
  const last = points.at(-1);
  const until = last ? lastDayOf(last) : matrix.query.to;
  const missing = points.filter((point) => point.coverage === 0).length;
  const polled = feeds
    .map((feed) => feed.last_polled_at)
    .filter((at) => at !== null)
    .sort()
    .at(-1);
  const unit = matrix.query.granularity;
  return (
    <section aria-labelledby="matrix-title">
      <h1 id="matrix-title">Cooperation and friction, by pair and domain</h1>
      <p class="lead">
        Stories per {unit}, {showDay(matrix.query.from)} to {showDay(until)} UTC
        {last?.provisional && `, the latest ${unit} provisional`}.{' '}
        <span class={sources.covered < sources.sources ? 'coverage low' : 'coverage'}>
          {sources.covered}/{sources.sources} sources
        </span>{' '}
        up to date
        {polled && `, last poll ${showTime(polled)}`}.
        {missing > 0 &&
          ` ${plural(missing, unit)} of ${points.length} ${missing === 1 ? 'was' : 'were'} not covered: a dotted line, not a zero.`}
      </p>
      <nav class="ranges" aria-label="Range">
        {RANGES.map(({ name, last: span, granularity }) => {
          const current = (page.range.last ?? '12w') === span && !page.range.from;
          return (
            <a
              href={linkTo(page, {
                last: span,
                granularity,
                from: null,
                to: null,
                dyad: page.dyad,
                domain: page.domain,
              })}
              aria-current={current ? 'true' : undefined}
            >
              {name}
            </a>
          );
        })}
        <a class="data" href={`${matrix.meta.permalink}&format=csv`}>
          CSV
        </a>
        <a class="data" href={matrix.meta.permalink}>
          JSON
        </a>
      </nav>
      <table class="matrix" role="table">
        <caption>
          <span class="key up">▲ cooperation</span> <span class="key down">▼ friction</span> Numbers are stories in the
          range; every chart has its own scale. A story counts when it is reported as occurred, announced or alleged;
          one that is only denied does not count.
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Pair
            </th>
            {codebook.domains.map((domain) => (
              <th scope="col" role="columnheader">
                {capital(domain.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {matrix.rows.map(({ dyad, cells }) => (
            <tr role="row">
              <th scope="row" role="rowheader">
                <a href={`${linkTo(page, { dyad, domain: null })}#items`}>{showDyad(dyad)}</a>
                <span class="names">{nameOf(dyad, codebook)}</span>
              </th>
              {cells.map((cell) => (
                <Cell page={page} dyad={dyad} cell={cell} now={now} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ page, dyad, cell }: { page: Overview; dyad: string; cell: MatrixCell; now: Date }) {
  const unit = page.matrix.query.granularity;
  const words = `${showDyad(dyad)}, ${cell.domain}, cooperation per ${unit}: ${cell.points.map((p) => p.cooperation ?? 'not covered').join(', ')}`;
  const chosen = page.dyad === dyad && page.domain === cell.domain;
  return (
    <td role="cell" data-label={capital(cell.domain)} class={chosen ? 'chosen' : undefined}>
      <a href={`${linkTo(page, { dyad, domain: cell.domain })}#items`} aria-current={chosen ? 'true' : undefined}>
        <span class="numbers">
          {cell.cooperation === null ? (
            <span class="count none" title="not covered">
              not covered
            </span>
          ) : (
            <span class={cell.cooperation === 0 ? 'count zero' : 'count'}>
              <span class="sign up">▲</span>
              {cell.cooperation}
            </span>
          )}
          {(cell.friction ?? 0) > 0 && (
            <span class="count down">
              <span class="sign">▼</span>
              {cell.friction}
            </span>
          )}
        </span>
        <Sparkline
          label={words}
          points={cell.points.map((p) => ({ up: p.cooperation, down: p.friction, provisional: p.provisional }))}
        />
      </a>
    </td>
  );
}

function FeedHealthSection({ feeds, sources, now }: Overview) {
  const trouble = feeds.filter((feed) => feed.state !== 'ok' && feed.state !== 'waiting');
  const waiting = feeds.filter((feed) => feed.state === 'waiting');
  const well = feeds.filter((feed) => feed.state === 'ok');
  return (
    <section id="feeds" aria-labelledby="feeds-title">
      <h2 id="feeds-title">How well we looked</h2>
      {feeds.length === 0 ? (
        <p class="empty">
          No feed is configured yet, so nothing can be counted. Write a configuration with <code>axiswatch init</code>,
          or see the demo world with <code>npm run demo</code>.
        </p>
      ) : (
        <>
          <p>
            {plural(well.length, 'feed')} of {feeds.length} in order, {trouble.length} in trouble, {waiting.length} not
            polled yet; {sources.covered} of {plural(sources.sources, 'source')} up to date (
            {showPercent(sources.sources === 0 ? null : sources.covered / sources.sources, 0)}).
          </p>
          {trouble.length > 0 && <FeedList feeds={trouble.slice(0, 10)} now={now} />}
          <details>
            <summary>All {feeds.length} feeds</summary>
            <FeedList feeds={feeds} now={now} />
          </details>
        </>
      )}
    </section>
  );
}

function FeedList({ feeds, now }: { feeds: FeedStatus[]; now: Date }) {
  return (
    <ul class="feeds">
      {feeds.map((feed) => (
        <li class={`feed ${feed.state}`}>
          <span class="state">{feed.state}</span> <strong>{feed.id}</strong>
          <span class="why">
            {describeFeed(feed, now)} · {plural(feed.items, 'item')}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ItemsSection(page: Overview) {
  const { items, dyad, domain, codebook } = page;
  const about = [dyad && showDyad(dyad), domain].filter(Boolean).join(', ');
  return (
    <section id="items" aria-labelledby="items-title">
      <h2 id="items-title">Latest coded items{about && `: ${about}`}</h2>
      {about && (
        <p>
          <a href={`${linkTo(page, { dyad: null, domain: null })}#items`}>Show all pairs and domains</a>
        </p>
      )}
      {items.length === 0 ? (
        <EmptyItems {...page} />
      ) : (
        <ol class="items">
          {items.map((item) => (
            <ItemEntry item={item} codebook={codebook} />
          ))}
        </ol>
      )}
    </section>
  );
}

function EmptyItems({ feeds, dyad, domain }: Overview) {
  if (dyad || domain)
    return (
      <p class="empty">
        No item with such a label yet. Other pairs and domains may have some; the table above counts them.
      </p>
    );
  const first = feeds
    .map((feed) => feed.next_due_at)
    .filter((at) => at !== null)
    .sort()[0];
  const read = feeds.filter((feed) => feed.last_success_at !== null).length;
  return (
    <p class="empty">
      {read > 0
        ? `No label yet: ${plural(read, 'feed was', 'feeds were')} read, and no item in them tells of two members acting together or against each other. New items are labelled as they arrive.`
        : `No items yet: no feed has been read so far${first ? `; the first poll is due ${showTime(first)}` : ''}. `}
      {read === 0 && (
        <>
          To see full charts at once, stop and run <code>npm run demo</code>.
        </>
      )}
    </p>
  );
}

function ItemEntry({ item, codebook }: { item: PageItem; codebook: Codebook }) {
  const evidence = item.labels.flatMap((label) => label.evidence);
  const link = safeLink(item.url);
  const lang = item.language ?? undefined;
  return (
    <li class="item">
      <article>
        <h3 lang={lang} dir="auto">
          <a href={`/items/${item.id}`}>
            <Highlighted text={item.title} field="title" evidence={evidence} />
          </a>
        </h3>
        {item.summary !== '' && (
          <p class="summary" lang={lang} dir="auto">
            <Highlighted text={item.summary} field="summary" evidence={evidence} />
          </p>
        )}
        <ul class="chips" aria-label="Labels">
          {item.labels.map((label) => (
            <LabelChip label={label} codebook={codebook} />
          ))}
        </ul>
        <p class="meta">
          <span dir="auto">{item.source_name}</span> · {showTime(item.published_at ?? item.first_seen_at ?? '')}
          {item.published_at === null && ' (first seen)'} · <a href={`/items/${item.id}`}>Why these labels</a>
          {link && (
            <>
              {' '}
              ·{' '}
              <a href={link} rel="noopener nofollow">
                Original
              </a>
            </>
          )}
        </p>
      </article>
    </li>
  );
}

function nameOf(dyad: string, codebook: Codebook): string {
  return dyad
    .split('-')
    .map((code) => codebook.members.find((member) => member.code === code)?.name ?? code)
    .join(' and ');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
