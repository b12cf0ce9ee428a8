/**
 * {@code /v1/advice}: how the readers of a channel, or of all, had better read it. It must not know how that is found out:
 * the rules are those of core.
 */
@NullMarked
package io.switchboard.http.advice;

import org.jspecify.annotations.NullMarked;
