/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
// biome-ignore-all lint/a11y/noRedundantRoles: on a phone the table is laid out as cards, which takes the implied roles away
import type { Codebook } from '../../core/codebook/codebook.js';
import { lastDayOf } from '../../core/trends/buckets.js';
import type { MatrixCell } from '../api/matrix.js';
import { Sparkline } from '../charts/sparkline.js';
import { plural, showDay, showDyad, showTime } from '../words.js';
import { linkTo, type Overview } from './view.js';

const RANGES = [
  { name: '12 weeks', last: '12w', granularity: 'week' },
  { name: '1 year', last: '1y', granularity: 'month' },
  { name: '2 years', last: '2y', granularity: 'month' },
  { name: '5 years', last: '5y', granularity: 'month' },
];

/** Dyads by domains: counts and charts of the range, each cell a link to its items. */
export function MatrixSection(page: Overview) {
  const { matrix, codebook, sources, feeds } = page;
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
                <Cell page={page} dyad={dyad} cell={cell} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ page, dyad, cell }: { page: Overview; dyad: string; cell: MatrixCell }) {
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

function nameOf(dyad: string, codebook: Codebook): string {
  return dyad
    .split('-')
    .map((code) => codebook.members.find((member) => member.code === code)?.name ?? code)
    .join(' and ');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
