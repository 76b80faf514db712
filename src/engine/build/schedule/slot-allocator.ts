import TinyQueue from 'tinyqueue'

const idle = 0
const queued = 1
const allocated = 2

/** Allocates a limited number of slots to the ranks that request one, lower ranks first. */
export class SlotAllocator {
  private readonly states: Uint8Array
  private taken = 0
  /** Both heaps may hold stale ranks: topOf discards them. */
  private readonly queue = new TinyQueue<number>([], (one, other) => one - other)
  private readonly holders = new TinyQueue<number>([], (one, other) => other - one)

  /** @param count the number of ranks, which start at 0 */
  constructor(count: number) {
    this.states = new Uint8Array(count)
  }

  hasSlot(rank: number): boolean {
    return this.states[rank] === allocated
  }

  /** Requests a slot for a rank, or withdraws the request. */
  request(rank: number, isWanted: boolean): void {
    const state = this.states[rank]
    if (isWanted === (state !== idle)) return
    if (state === allocated) this.taken -= 1
    this.states[rank] = isWanted ? queued : idle
    if (isWanted) this.queue.push(rank)
  }

  /** Allocates the slots again; returns the ranks that gained or lost one. */
  allocate(limit: number): number[] {
    const moved: number[] = []
    for (;;) {
      const worst = this.topOf(this.holders, allocated)
      const best = this.topOf(this.queue, queued)
      const isBetter = best !== undefined && worst !== undefined && best < worst
      if (worst !== undefined && (this.taken > limit || (isBetter && this.taken === limit))) {
        moved.push(this.move(this.holders, worst, queued))
      } else if (best !== undefined && this.taken < limit) {
        moved.push(this.move(this.queue, best, allocated))
      } else return moved
    }
  }

  private move(from: TinyQueue<number>, rank: number, to: typeof queued | typeof allocated): number {
    from.pop()
    this.states[rank] = to
    this.taken += to === allocated ? 1 : -1
    const into = to === allocated ? this.holders : this.queue
    into.push(rank)
    return rank
  }

  private topOf(heap: TinyQueue<number>, state: number): number | undefined {
    let top = heap.peek()
    while (top !== undefined && this.states[top] !== state) {
      heap.pop()
      top = heap.peek()
    }
    return top
  }
}
