import { Box } from 'ink';
import type { ReactNode } from 'react';
import { narrationRows } from '../geometry.ts';
import { narrationLines } from '../narration.ts';
import { footerLine } from '../selectors.ts';
import type { State } from '../state.ts';
import { ListView } from './list.tsx';
import { PageView } from './page.tsx';
import { Lines, LineText } from './rows.tsx';

/** The whole screen. */
export function ScreenView({ state }: { state: State }): ReactNode {
  const top = state.screens.at(-1);
  return (
    <Box flexDirection="column" width={state.size.columns}>
      {top === undefined ? <ListView state={state} /> : <PageView state={state} screen={top} />}
      <Lines lines={narrationLines(state)} rows={narrationRows(state)} color={state.setting.color} />
      <LineText line={footerLine(state)} color={state.setting.color} />
    </Box>
  );
}
