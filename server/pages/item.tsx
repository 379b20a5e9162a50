/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Codebook } from '../../core/codebook/codebook.js';
import type { ItemDetailBody } from '../api/items.js';
import type { ExplainedLabel } from '../api/labels.js';
import { plural, safeLink, showDay, showDyad, showTime } from '../words.js';
import { Highlighted } from './highlighted.js';
import { LabelChip } from './label-chip.js';
import { OriginalLink } from './original-link.js';

/** `/items/{id}`: every label of one item with the words, rules and versions behind it, and what the feed showed before. */
export function ItemPage({ item, codebook }: { item: ItemDetailBody; codebook: Codebook }) {
  const lang = item.language ?? undefined;
  const evidence = item.labels.flatMap((label) => label.evidence);
  const link = safeLink(item.url);
  return (
    <>
      <p class="crumbs">
        <a href="/#items">Latest items</a>
      </p>
      <h1 lang={lang} dir="auto">
        <Highlighted text={item.title} field="title" evidence={evidence} />
      </h1>
      {item.summary !== '' && (
        <p class="summary" lang={lang} dir="auto">
          <Highlighted text={item.summary} field="summary" evidence={evidence} />
        </p>
      )}
      <p class="meta">
        <span dir="auto">{item.source_name}</span> ·{' '}
        {item.published_at ? `published ${showTime(item.published_at)}` : 'no date given by the feed'} · counts on{' '}
        {showDay(item.day)}
        {item.first_seen_at && ` · first seen ${showTime(item.first_seen_at)}`}
        <OriginalLink href={link} />
      </p>
      {item.removed_at && (
        <p class="empty">
          Removed here on {showTime(item.removed_at)}
          {item.removed_reason && `: ${item.removed_reason}`}. It is kept so that its return is no news.
        </p>
      )}
      <section aria-labelledby="why">
        <h2 id="why">Why these labels</h2>
        {item.labels.length === 0 && isRejected(item) ? (
          <p class="empty">
            No label: what the coder said was rejected. <a href={`/review/${item.id}`}>By whom, and why</a>
          </p>
        ) : item.labels.length === 0 ? (
          <p class="empty">
            No label: no two members are named together with an act of the codebook in this text. What is in the
            codebook is listed at <a href="/api/v1/indicators">/api/v1/indicators</a>.
          </p>
        ) : (
          item.labels.map((label) => <Why label={label} item={item} codebook={codebook} />)
        )}
      </section>
      {item.superseded.length > 0 && (
        <section aria-labelledby="before">
          <h2 id="before">Labels that no longer hold</h2>
          {item.superseded.map((label) => (
            <Why label={label} item={item} codebook={codebook} />
          ))}
        </section>
      )}
      {item.revisions.length > 1 && (
        <section aria-labelledby="revisions">
          <h2 id="revisions">What the feed showed, {plural(item.revisions.length, 'version')}</h2>
          <ol class="revisions">
            {item.revisions.map((revision) => (
              <li>
                <p class="meta">{showTime(revision.seen_at)}</p>
                <p lang={lang} dir="auto">
                  <strong>{revision.title}</strong>
                </p>
                <p lang={lang} dir="auto">
                  {revision.summary}
                </p>
              </li>
            ))}
          </ol>
        </section>
      )}
      <p class="meta">
        Key <code>{item.key}</code> · story <code>{item.story}</code> ·{' '}
        <a href={`/review/${item.id}`}>Confirm, correct or reject these labels</a> ·{' '}
        <a href={`/api/v1/items/${item.id}`}>The same as JSON</a>
      </p>
    </>
  );
}

function Why({ label, item, codebook }: { label: ExplainedLabel; item: ItemDetailBody; codebook: Codebook }) {
  const indicator = codebook.indicators.find((one) => one.id === label.indicator);
  // The words belong to the text that was read then.
  const read = item.revisions.find((revision) => revision.revision === label.revision) ?? item;
  const lang = item.language ?? undefined;
  const named = label.evidence.filter((span) => span.for !== 'act');
  const acts = label.evidence.filter((span) => span.for === 'act');
  return (
    <article class="why">
      <ul class="chips">
        <LabelChip label={label} codebook={codebook} />
      </ul>
      {indicator && (
        <p class="definition">
          <strong>{indicator.id}</strong>: {indicator.definition}
        </p>
      )}
      <blockquote lang={lang} dir="auto">
        <Highlighted text={read.title} field="title" evidence={label.evidence} />
        {read.summary !== '' && (
          <>
            <br />
            <Highlighted text={read.summary} field="summary" evidence={label.evidence} />
          </>
        )}
      </blockquote>
      <dl>
        <dt>Who</dt>
        <dd>
          {label.participants.map((code) => (
            <span class="named">
              {code}: {wordsFor(named.filter((span) => span.for === code))}
            </span>
          ))}
        </dd>
        <dt>Act</dt>
        <dd>{wordsFor(acts)}</dd>
        <dt>Direction</dt>
        <dd>{label.direction === null ? 'the text does not tell' : label.direction.replace('>', ' → ')}</dd>
        <dt>Status</dt>
        <dd>{label.status}</dd>
        <dt>Severity</dt>
        <dd>{label.severity} of 5</dd>
        <dt>Confidence</dt>
        <dd>{label.confidence.toFixed(2)}: how likely a careful person would give this label</dd>
        <dt>Rules</dt>
        <dd>{label.rules.length > 0 ? <code>{label.rules.join(', ')}</code> : 'none recorded'}</dd>
        {label.flags.length > 0 && (
          <>
            <dt>Flags</dt>
            <dd>{label.flags.join(', ')}</dd>
          </>
        )}
        <dt>Said by</dt>
        <dd>
          {label.coder} {label.coder_version}, codebook {label.codebook_version}, {showTime(label.recorded_at)}
          {label.superseded_at && `; held until ${showTime(label.superseded_at)}`}
        </dd>
        {label.decision && (
          <>
            <dt>Decided by</dt>
            <dd dir="auto">
              {label.decision.author}, {showTime(label.decision.reviewed_at)}: {label.decision.reason}
            </dd>
          </>
        )}
        {label.participants.length > 2 && (
          <>
            <dt>Counts in</dt>
            <dd>{pairsOf(label.participants).map(showDyad).join(', ')}</dd>
          </>
        )}
      </dl>
    </article>
  );
}

function wordsFor(spans: ExplainedLabel['evidence']) {
  if (spans.length === 0) return 'no words recorded';
  return spans.map((span, i) => (
    <>
      {i > 0 && ', '}
      <q dir="auto">{span.text}</q>
      {span.implied && ' (home country of the outlet, implied)'}
    </>
  ));
}

function isRejected({ reviews }: ItemDetailBody): boolean {
  return reviews.some((review) => review.superseded_at === null && review.verdict === 'reject');
}

function pairsOf(codes: string[]): string[] {
  return codes.flatMap((a, i) => codes.slice(i + 1).map((b) => `${a}-${b}`));
}
