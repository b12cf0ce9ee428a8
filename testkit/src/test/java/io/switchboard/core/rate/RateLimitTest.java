package io.switchboard.core.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.testkit.ManualTicker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    private static final long START = 1_700_000_000_000L;

    private final ManualTicker clock = new ManualTicker(START);

    private RateLimit<String> limit(int perSecond) {
        return new RateLimit<>(perSecond, 100, clock);
    }

    private static int granted(RateLimit<String> limit, String key, int asked) {
        int granted = 0;
        for (int i = 0; i < asked; i++) {
            if (limit.take(key) == RateLimit.GRANTED) granted++;
        }
        return granted;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1_000, 100_000, 1_000_000})
    void aSecondsWorthComesAtOnceAndThenAsManyEverySecond(int perSecond) {
        RateLimit<String> limit = limit(perSecond);
        int asked = perSecond + perSecond / 2 + 1;
        assertThat(granted(limit, "a", asked)).isEqualTo(perSecond);
        for (int second = 0; second < 3; second++) {
            clock.advance(1_000);
            assertThat(granted(limit, "a", asked)).isEqualTo(perSecond);
        }
    }

    @Test
    void whoIsRefusedIsToldWhenToComeBackAndIsGrantedThen() {
        RateLimit<String> limit = limit(4);
        assertThat(granted(limit, "a", 4)).isEqualTo(4);
        long wait = limit.take("a");
        assertThat(wait).isEqualTo(250);
        clock.advance(wait - 1);
        assertThat(limit.take("a")).isEqualTo(1);
        clock.advance(1);
        assertThat(limit.take("a")).isEqualTo(RateLimit.GRANTED);
    }

    @Test
    void keysDoNotShareAndRefusalsCostNothing() {
        RateLimit<String> limit = limit(10);
        assertThat(granted(limit, "a", 1_000)).isEqualTo(10);
        assertThat(granted(limit, "b", 1_000)).isEqualTo(10);
        clock.advance(100);
        assertThat(granted(limit, "a", 1_000)).isEqualTo(1);
    }

    @Test
    void bucketsThatAreFullAreForgotten() {
        RateLimit<String> limit = limit(2);
        for (int i = 0; i < 50; i++) limit.take("k" + i);
        limit.forgetFull();
        assertThat(limit.keys()).isEqualTo(50);
        clock.advance(500);
        limit.take("k0");
        limit.forgetFull();
        assertThat(limit.keys()).isEqualTo(1);
        clock.advance(1_000);
        limit.forgetFull();
        assertThat(limit.keys()).isZero();
    }

    @Test
    void moreKeysThanAreKeptAreNotLimitedAndNotKept() {
        RateLimit<String> limit = limit(1);
        for (int i = 0; i < 100; i++) limit.take("k" + i);
        assertThat(granted(limit, "late", 5)).isEqualTo(5);
        assertThat(limit.keys()).isEqualTo(100);
        assertThat(limit.take("k0")).isPositive();
        clock.advance(1_000);
        assertThat(granted(limit, "late", 5))
                .as("the others are forgotten by now")
                .isEqualTo(1);
        assertThat(limit.keys()).isEqualTo(1);
    }

    @Test
    void aClockThatIsSetBackLocksNobodyOut() {
        ManualTicker ahead = new ManualTicker(START + 3_600_000);
        boolean[] back = {false};
        RateLimit<String> limit = new RateLimit<>(5, 10, () -> back[0] ? START : ahead.nowMillis());
        assertThat(granted(limit, "a", 10)).isEqualTo(5);
        back[0] = true;
        assertThat(granted(limit, "a", 10)).isEqualTo(5);
    }

    @Test
    void aKeyIsToldOnceHoweverOftenItsBucketIsFull() {
        RateLimit<String> limit = limit(200);
        limit.share();
        for (int second = 0; second < 10; second++) {
            assertThat(granted(limit, "a", 2)).isEqualTo(2);
            clock.advance(1_000);
            limit.forgetFull();
        }
        assertThat(limit.keys()).isEqualTo(1);
        assertThat(limit.used()).isEqualTo(new RateLimit.Use<>("a", 20));
        assertThat(limit.used()).isNull();
        limit.forgetFull();
        assertThat(limit.keys()).isZero();
    }

    @Test
    void withoutALimitNothingIsKept() {
        RateLimit<String> limit = limit(RateLimit.UNLIMITED);
        assertThat(granted(limit, "a", 10_000)).isEqualTo(10_000);
        assertThat(limit.keys()).isZero();
    }

    @Test
    void severalThreadsGetNoMoreThanOne() throws InterruptedException {
        RateLimit<String> limit = limit(1_000);
        AtomicInteger granted = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            Thread.ofPlatform().start(() -> {
                granted.addAndGet(granted(limit, "a", 1_000));
                done.countDown();
            });
        }
        done.await();
        assertThat(granted.get()).isEqualTo(1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001})
    void ratesOutOfRangeAreRefused(int perSecond) {
        assertThatThrownBy(() -> limit(perSecond)).isInstanceOf(IllegalArgumentException.class);
    }
}
