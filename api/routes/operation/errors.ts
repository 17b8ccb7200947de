import { declareErrors } from '../../http/common-errors.js'

export const operationErrors = declareErrors({
  schedule_not_found: {
    status: 404,
    pt: 'Agendamento não encontrado: veja os nomes em GET /schedules.',
    en: 'Schedule not found: see the names in GET /schedules.',
  },
})
