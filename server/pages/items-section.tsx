/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Codebook } from '../../core/codebook/codebook.js';
import { plural, safeLink, showDyad, showTime } from '../words.js';
import { Highlighted } from './highlighted.js';
import { LabelChip } from './label-chip.js';
import { OriginalLink } from './original-link.js';
import { linkTo, type Overview, type PageItem } from './view.js';

/** The latest coded items with the words behind their labels marked. */
export function ItemsSection(page: Overview) {
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
          <OriginalLink href={link} />
        </p>
      </article>
    </li>
  );
}
