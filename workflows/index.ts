/** The workflow types a worker offers. Only what this file reaches is bundled: keep it free of Node, zod and `core` values. */
export { deliverAlerts } from './deliver-alerts.js';
export { pollGroup } from './poll-group.js';
export { recode } from './recode.js';
export { secondCoder } from './second-coder.js';
export { watchFeeds } from './watch-feeds.js';
