import { CHANNEL_PARAMS } from '../channels/registry.js';
import { loadCodebook } from '../config/codebook.js';
import { configFile, loadConfig } from '../config/load.js';
import type { Config } from '../config/types.js';
import type { Codebook } from '../core/codebook/codebook.js';
import type { CodebookData } from '../core/codebook/data.js';
import { thresholdsOf } from '../core/codebook/thresholds.js';
import { parseSelector } from '../feeds/select.js';

export interface Installation {
  config: Config;
  codebook: Codebook;
  data: CodebookData;
}

/**
 * Reads the whole configuration folder with every check that any room knows: codes of the codebook in rules and routes,
 * parameters of rule and channel kinds, selectors of list pages. Throws the codebook's problems first, since the other files
 * cannot be judged without it.
 */
export function loadInstallation(configDir: string): Installation {
  const { codebook, data } = loadCodebook(configFile(configDir, 'codebook'));
  return { config: settleConfidence(checkConfig(configDir, codebook), data), codebook, data };
}

/** Rules that ask for the codebook's threshold of alerts get its number. */
function settleConfidence(config: Config, data: CodebookData): Config {
  const { alert } = thresholdsOf(data);
  const rules = config.rules.map((rule) =>
    rule.scope.confidence === 'alert' ? { ...rule, scope: { ...rule.scope, confidence: alert } } : rule,
  );
  return { ...config, rules };
}

/** The files beside the codebook, which may be missing because it is broken. */
export function checkConfig(configDir: string, codebook?: Codebook): Config {
  const isSelector = (text: string) => parseSelector(text) !== null;
  return loadConfig(configDir, { codebook, channelKinds: CHANNEL_PARAMS, isSelector });
}
