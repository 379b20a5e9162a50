/** One release of the Temporal CLI, whose `server start-dev` is our embedded server. */
export interface TemporalRelease {
  version: string;
  /** Folder that holds the archives; a mirror keeps their names. */
  baseUrl: string;
  /** SHA-256 (hex) of the archive by `platform-arch` in Node's words. */
  checksums: Record<string, string>;
  /** For `go install`, the same version from source. */
  goPackage: string;
}

/**
 * 1.5.1 is the last release that `go install` can build (later ones have replace directives), so the download and the build give the
 * same server, 1.29.1. The archive names are those of the project's goreleaser file; the checksums are those that independent package
 * lists (hermit, nix) pin for these archives.
 */
export const TEMPORAL_RELEASE: TemporalRelease = {
  version: '1.5.1',
  baseUrl: 'https://github.com/temporalio/cli/releases/download/v1.5.1',
  checksums: {
    'linux-x64': 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
    'linux-arm64': 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
    'darwin-x64': 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
    'darwin-arm64': 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
  },
  goPackage: 'github.com/temporalio/cli/cmd/temporal',
};

/** `archiveName('1.5.1', 'linux', 'x64')` is `temporal_cli_1.5.1_linux_amd64.tar.gz`. */
export function archiveName(version: string, platform: string, arch: string): string {
  return `temporal_cli_${version}_${platform}_${arch === 'x64' ? 'amd64' : arch}.tar.gz`;
}
