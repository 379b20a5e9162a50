// Bundles the workflow code into the folder given, as a worker's first start would do. Run in the image's build stage.
import { register } from 'tsx/esm/api';

register();
const { findWorkflowBundle } = await import('../runtime/workflow-bundle.ts');
const say = (fields, message) => console.log(message, JSON.stringify(fields));
console.log(await findWorkflowBundle(process.argv[2], { debug: () => undefined, info: say, warn: say, error: say }));
