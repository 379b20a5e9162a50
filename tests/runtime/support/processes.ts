import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Program {
  child: ChildProcess;
  /** The first line on stdout. */
  firstLine: Promise<string>;
  /** Everything on stderr so far. */
  errors(): string;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs a TypeScript file of this folder as a program of its own. */
export function runScript(file: string, args: string[]): Program {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return watch(spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }));
}

/** Runs the command itself, as a person would. */
export function runAxiswatch(args: string[], env: NodeJS.ProcessEnv): Program {
  const path = fileURLToPath(new URL('../../../bin/axiswatch.js', import.meta.url));
  return watch(spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env }));
}

function watch(child: ChildProcess): Program {
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    void exited.then(({ code }) => reject(new Error(`ended with ${code} before it said anything: ${errors}`)));
  });
  firstLine.catch(() => undefined); // not every test waits for it
  return { child, firstLine, errors: () => errors, exited };
}

/** Processes whose command line names `text`, e.g. a data directory, without this one. */
export function processesNaming(text: string): Array<{ pid: number; command: string }> {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command.includes(text) ? [{ pid: Number(name), command }] : [];
      } catch {
        return []; // ended between the two looks
      }
    });
}

/** All descendants of a process, the process itself last. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // ended between the two looks: no part of the tree any more
    }
  }
  const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  return [...children.flatMap(processTree), pid];
}

/** kill -9 of a program and everything below it, at once. */
export function killTree(pid: number): void {
  for (const one of processTree(pid)) {
    try {
      process.kill(one, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
