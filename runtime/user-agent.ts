import packageJson from '../package.json' with { type: 'json' };

/** Says honestly who asks. What a site must know to reach the operator, the operator adds per source (`user_agent`). */
export const USER_AGENT = `axiswatch/${packageJson.version} (self-hosted feed reader)`;
