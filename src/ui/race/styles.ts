/** How the racers look: a colour each, and dashes where colours come again. */
export interface RacerStyle {
  readonly color: string;
  /** SVG dash pattern. */
  readonly dash: string | undefined;
}

const COLORS = ['fp16', 'bf16', 'e5m2', 'custom', 'fp16-second', 'tf32', 'e4m3', 'fp32'];
const DASHES = [undefined, '6 4', '2 3'];

export const racerStyle = (index: number): RacerStyle => ({
  color: `var(--format-${COLORS[index % COLORS.length]})`,
  dash: DASHES[Math.floor(index / COLORS.length) % DASHES.length],
});
