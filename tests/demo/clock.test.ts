import { describe, expect, it } from 'vitest';
import { haltWorldClock, observedWorldTime, type WorldClock, worldTime } from '../../core/clock.js';
import { createDemoClock, WORLD_END, WORLD_START } from '../../demo/clock.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

/** One of our seconds is a day of the world. */
const running: WorldClock = {
  startAt: '2024-01-01T00:00:00.000Z',
  endAt: '2024-03-01T00:00:00.000Z',
  originAt: at(0).toISOString(),
  rate: 86_400,
  seenAt: at(5).toISOString(),
};

describe('the time of a world', () => {
  it.each([
    ['before its origin it has not begun', -5, '2024-01-01T00:00:00.000Z'],
    ['at its origin it begins', 0, '2024-01-01T00:00:00.000Z'],
    ['ten of our seconds later ten days have passed', 10, '2024-01-11T00:00:00.000Z'],
    ['parts of a second count', 0.5, '2024-01-01T12:00:00.000Z'],
    ['at its end it stands', 9999, '2024-03-01T00:00:00.000Z'],
  ])('%s', (_, seconds, expected) => {
    expect(worldTime(running, at(seconds)).toISOString()).toBe(expected);
  });

  it('stands at its start until it is started', () => {
    expect(worldTime({ ...running, originAt: null }, at(500)).toISOString()).toBe(running.startAt);
  });

  it('an onlooker sees it stand soon after its driver was last seen', () => {
    expect(observedWorldTime(running, at(8)).toISOString()).toBe('2024-01-09T00:00:00.000Z');
    expect(observedWorldTime(running, at(500)).toISOString()).toBe('2024-01-16T00:00:00.000Z');
  });

  it('after a break it stands where it was last seen', () => {
    const halted = haltWorldClock(running, at(1000));
    expect(halted).toMatchObject({ startAt: '2024-01-06T00:00:00.000Z', originAt: null });
    expect(worldTime(halted, at(2000)).toISOString()).toBe('2024-01-06T00:00:00.000Z');
  });
});

describe("the driver's clock", () => {
  it('runs two years in its time and stands at their end', () => {
    let now = 0;
    const clock = createDemoClock(() => at(now), 100);
    expect(clock.now().toISOString()).toBe(WORLD_START);
    now = 30;
    expect(clock.now().toISOString()).toBe(WORLD_START);
    clock.start();
    now = 80;
    clock.start();
    expect(clock.now().toISOString().slice(0, 10)).toBe('2024-12-31');
    expect(clock.isRunning()).toBe(true);
    expect(clock.ago(50_000).toISOString()).toBe(WORLD_START);
    now = 130;
    expect(clock.now().toISOString()).toBe(WORLD_END);
    expect(clock.isRunning()).toBe(false);
  });

  it('goes on from where an earlier run was last seen, at its own pace', () => {
    let now = 0;
    const first = createDemoClock(() => at(now), 100);
    first.start();
    now = 50;
    const kept = first.state();
    now = 5000;
    const second = createDemoClock(() => at(now), 200);
    second.restore(kept);
    const resumed = second.now();
    expect(resumed.toISOString().slice(0, 10)).toBe('2024-12-31');
    second.start();
    now += 1;
    expect(second.now().getTime() - resumed.getTime()).toBe(
      Math.floor((Date.parse(WORLD_END) - Date.parse(WORLD_START)) / 200),
    );
  });

  it('an ended world stays ended', () => {
    const kept: WorldClock = { ...running, seenAt: at(9999).toISOString(), endAt: WORLD_END };
    const clock = createDemoClock(() => at(20_000));
    clock.restore(kept);
    clock.start();
    expect(clock.now().toISOString()).toBe(WORLD_END);
  });
});
