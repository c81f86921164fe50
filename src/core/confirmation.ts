/** Whether what somebody typed is the name of what is about to be changed. Blanks around it do not matter. */
export function confirms(typed: string | null, name: string): boolean {
  return typed?.trim() === name;
}
