import { Box } from 'ink';
import type { ReactNode } from 'react';
import { bodyRows } from '../geometry.ts';
import { columnHeader, visibleRows } from '../rows.ts';
import { emptyText, headerLines, noteLine } from '../selectors.ts';
import type { Line } from '../spans.ts';
import type { State } from '../state.ts';
import { Lines, LineText } from './rows.tsx';

function Rows({ state, color }: { state: State; color: boolean }): ReactNode {
  const rows = visibleRows(state);
  const empty: Line[] = rows.length === 0 ? [[{ text: emptyText(state) }]] : [];
  const rest = state.setting.screenReader ? 0 : bodyRows(state) - rows.length;
  return (
    <Box flexDirection="column" aria-role="list">
      {rows.map(({ line, label }, at) => (
        <LineText key={String(at)} line={line} color={color} label={label} />
      ))}
      <Lines lines={empty} rows={rest} color={color} />
    </Box>
  );
}

/** The list of locks below its header. */
export function ListView({ state }: { state: State }): ReactNode {
  const { color } = state.setting;
  const note = noteLine(state);
  return (
    <>
      <Lines lines={[...headerLines(state), columnHeader(state)]} rows={3} color={color} />
      <Rows state={state} color={color} />
      {note === null ? null : <LineText line={note} color={color} />}
    </>
  );
}
