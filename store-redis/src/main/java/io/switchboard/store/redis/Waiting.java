package io.switchboard.store.redis;

import io.switchboard.core.channel.Append;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An append on its way.
 *
 * @param answerOn null to be answered where its outcome becomes known
 */
record Waiting(Append append, @Nullable Executor answerOn, Answer<AppendOutcome> answer) {
    int bytes() {
        return append.payloads().bytes().length;
    }
}
