import type { ReactNode } from 'react';
import { pageRows } from '../geometry.ts';
import { pageView, pickerView } from '../selectors.ts';
import type { Screen, State } from '../state.ts';
import { Lines, LineText } from './rows.tsx';

/** What lies over the list: details, YAML, the help, or a choice. */
export function PageView({ state, screen }: { state: State; screen: Screen }): ReactNode {
  const { color, screenReader } = state.setting;
  const { title, lines } = 'choices' in screen ? pickerView(state, screen) : pageView(state, screen);
  return (
    <>
      <LineText line={title} color={color} />
      <LineText line={[]} color={color} />
      <Lines lines={lines} rows={screenReader ? 0 : pageRows(state)} color={color} />
    </>
  );
}
