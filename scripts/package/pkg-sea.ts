/**
 * Runs pkg's builder of single executables, in a process of its own: it looks for Node.js binaries below its home folder
 * and takes the Node.js that it runs on to write the program for other systems. pkg's command line has no way to set
 * what the program needs (`execArgvExtension`), so its builder is called. Its argument is a JSON text.
 */
import seaModule from '@yao-pkg/pkg/lib-es5/sea.js';

type Options = Parameters<typeof seaModule.default>[1];

export interface SeaOrder {
  main: string;
  assets: Record<string, string>;
  output: string;
  /** Of Node.js. */
  flags: readonly string[];
  target: Pick<Options['targets'][number], 'platform' | 'arch' | 'nodeRange'>;
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as SeaOrder;
  const seaConfig = {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // It would be that of the few lines which start the program; the program has its own.
    useCodeCache: false,
    assets: order.assets,
    // NODE_OPTIONS is meant for the user's own programs; it could break this one, or put code into it.
    execArgvExtension: 'none',
    execArgv: order.flags,
  };
  const options: Options = {
    seaConfig,
    signature: false,
    targets: [{ ...order.target, output: order.output }],
  };
  await seaModule.default(order.main, options);
}
