/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */

/** Where the item stood, after a dot; nothing when its feed gave no address that may be linked. */
export function OriginalLink({ href }: { href: string | null }) {
  if (!href) return null;
  return (
    <>
      {' '}
      ·{' '}
      <a href={href} rel="noopener nofollow">
        Original
      </a>
    </>
  );
}
