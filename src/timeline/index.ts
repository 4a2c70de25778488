// L5: positions in a run, and moving between them in both directions.

export {
  type Landing,
  type Moment,
  type Movement,
  type SliceOver,
  type SlotSets,
  Timeline,
  type TimelineState,
  type Verdict,
  type Visitor,
} from './timeline.ts';
