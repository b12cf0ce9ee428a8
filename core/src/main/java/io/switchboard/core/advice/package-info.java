/**
 * What was observed of each channel, what each way to read costs, and the rules that make advice of both. It must know
 * neither who observes nor how advice is shown, and it reads no clock.
 */
@NullMarked
package io.switchboard.core.advice;

import org.jspecify.annotations.NullMarked;
