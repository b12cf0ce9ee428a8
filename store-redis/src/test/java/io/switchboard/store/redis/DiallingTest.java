package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class DiallingTest {
    private static final long NO_PAUSE = 0;

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Executor later = tasks::add;

    private static Throwable failure(CompletableFuture<String> told) {
        assertThat(told).isCompletedExceptionally();
        return told.exceptionNow();
    }

    @Test
    void allWhoWantItMeanwhileShareIt() {
        Dialling<String> dialling = new Dialling<>(later, NO_PAUSE, () -> "made");
        CompletableFuture<String> first = dialling.begin();
        assertThat(dialling.begin()).isSameAs(first).isNotDone();
        assertThat(tasks).hasSize(1);
        tasks.remove().run();
        assertThat(first).isCompletedWithValue("made");
        assertThat(dialling.begin()).as("nothing is held").isNotSameAs(first).isNotDone();
    }

    /** As where there is no memory for a thread, or a class is missing: it may be there the next time. */
    @Test
    void afterAnErrorItIsTriedAgain() {
        Deque<Throwable> ends = new ArrayDeque<>();
        ends.add(new NoClassDefFoundError("a class"));
        ends.add(new IllegalStateException("hung up"));
        Supplier<String> maker = () -> {
            Throwable end = ends.poll();
            if (end instanceof Error error) throw error;
            if (end instanceof RuntimeException failed) throw failed;
            return "made";
        };
        Dialling<String> dialling = new Dialling<>(Runnable::run, NO_PAUSE, maker);
        assertThat(failure(dialling.begin())).isInstanceOf(NoClassDefFoundError.class);
        assertThat(failure(dialling.begin())).isInstanceOf(IllegalStateException.class);
        assertThat(dialling.begin()).isCompletedWithValue("made");
    }

    @Test
    void soItIsWhereNotEvenAThreadCouldBeHad() {
        Deque<Throwable> ends = new ArrayDeque<>();
        ends.add(new NoClassDefFoundError("a class"));
        ends.add(new RejectedExecutionException("closed"));
        Executor failing = task -> {
            Throwable end = ends.poll();
            if (end instanceof Error error) throw error;
            if (end instanceof RuntimeException failed) throw failed;
            task.run();
        };
        Dialling<String> dialling = new Dialling<>(failing, NO_PAUSE, () -> "made");
        assertThat(failure(dialling.begin())).isInstanceOf(NoClassDefFoundError.class);
        assertThat(failure(dialling.begin())).isInstanceOf(RejectedExecutionException.class);
        assertThat(dialling.begin()).isCompletedWithValue("made");
    }

    @Test
    void inThePauseAfterAFailureNothingIsTried() {
        int[] tried = {0};
        Dialling<String> dialling = new Dialling<>(Runnable::run, TimeUnit.HOURS.toNanos(1), () -> {
            tried[0]++;
            throw new IllegalStateException("hung up");
        });
        for (int i = 0; i < 10; i++) assertThat(failure(dialling.begin())).hasMessage("hung up");
        assertThat(tried[0]).isEqualTo(1);
    }
}
