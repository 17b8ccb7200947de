import type { Context } from 'koa'
import { deviceDays } from '../../services/accounts/known-devices.js'

/** Carries the pass of a device on which somebody signed in. It opens nothing: it only tells whose tries are whose. */
const deviceCookie = 'triagem_device'

const dayMs = 86_400_000

/** @returns undefined where there is none */
export const findDevicePass = (ctx: Context): string | undefined =>
  ctx.cookies.get(deviceCookie) || undefined

/** Stays when the session ends: that is what it is for. */
export function setDeviceCookie(ctx: Context, pass: string): void {
  ctx.cookies.set(deviceCookie, pass, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    overwrite: true,
    maxAge: deviceDays * dayMs,
  })
}
